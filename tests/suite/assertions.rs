//! Assertions of what a type implements, and of what it does not: they fail to compile.

macro_rules! assert_impl_all {
    ($type:ty: $($name:path),+) => {
        const _: fn() = || {
            fn implements<T: ?Sized $(+ $name)+>() {}
            implements::<$type>();
        };
    };
}

/// For each trait that the type has, there is a second `Ambiguous`, so that the one below cannot be inferred.
macro_rules! assert_not_impl_any {
    ($type:ty: $($name:path),+) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn item() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            $({
                struct Implemented;
                impl<T: ?Sized + $name> Ambiguous<Implemented> for T {}
            })+
            let _ = <$type as Ambiguous<_>>::item;
        };
    };
}

pub(crate) use assert_impl_all;
pub(crate) use assert_not_impl_any;
