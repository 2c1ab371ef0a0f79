//! Which addresses may be in a snippet. Few characters and few forms, so that every reader of addresses, a
//! browser above all, sees in them what is seen here.

/// Whether this is an absolute `https` URL (`http` on the own machine alone) or an absolute path.
pub(crate) fn is_script(url: &str) -> bool {
    let secure = url.strip_prefix("https://").map(|rest| (rest, false));
    let Some((rest, local)) = secure.or_else(|| url.strip_prefix("http://").map(|rest| (rest, true))) else {
        return is_path(url);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    is_authority(authority, local) && is_text(path)
}

/// Whether this is a path from the root of the page's own origin, with or without a query.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && is_text(path)
}

/// A host and perhaps a port; no user, no password.
fn is_authority(authority: &str, local: bool) -> bool {
    let colon = authority.rfind(':').filter(|_| !authority.ends_with(']'));
    let (host, port) = colon.map_or((authority, None), |colon| {
        let (host, port) = authority.split_at(colon);
        (host, port.strip_prefix(':'))
    });
    let port_fits = port.is_none_or(|port| {
        port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port > 0)
    });
    port_fits && if local { matches!(host, "localhost" | "127.0.0.1" | "[::1]") } else { is_host(host) }
}

/// Names of letters, digits and hyphens, joined by dots; or the own machine's IPv6 address.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host == "[::1]" || host.split('.').all(is_label)
}

/// Characters of a path and a query [RFC 3986 sections 3.3 and 3.4], each of which means itself
/// everywhere.
fn is_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte))
}
