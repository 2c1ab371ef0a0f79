//! What all public errors have in common: a stable code, and a `Debug` that people can read.

/// Gives a public error `code()`, and a `Debug` that prints its `Display` text, that code and the causes.
///
/// A `main` that returns an error shows its `Debug`: this makes `Error: the SSO secret … (wrong_length)` of
/// it. List every variant with its code, in `snake_case`, never changed or reused. An error that wraps
/// another one may pass its code on. The error derives `thiserror::Error`, not `Debug`:
///
/// ```text
/// #[derive(Clone, thiserror::Error)]
/// #[non_exhaustive]
/// pub enum ProvisionError {
///     #[error("the secret has changed since it was read: verify the token again")]
///     SecretChanged,
///     #[error(transparent)]
///     Store(#[from] StoreError),
/// }
///
/// coded_error! {
///     ProvisionError {
///         Self::SecretChanged => "secret_changed",
///         Self::Store(error) => error.code(),
///     }
/// }
/// ```
macro_rules! coded_error {
    ($error:ident { $($variant:pat => $code:expr),+ $(,)? }) => {
        impl $error {
            /// Returns a stable name for logs, metrics and alerts: `snake_case`, never changed or reused.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $($variant => $code,)+
                }
            }
        }

        /// Prints the error's `Display` text, its code and its causes, since this is what a `main` that
        /// returns it shows.
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::write!(f, "{self} ({})", self.code())?;
                let mut cause = ::std::error::Error::source(self);
                while let ::std::option::Option::Some(error) = cause {
                    ::std::write!(f, ": {error}")?;
                    cause = error.source();
                }
                ::std::result::Result::Ok(())
            }
        }
    };
}

pub(crate) use coded_error;
