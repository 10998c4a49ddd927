//! Which port a login comes back to: [`bind`](https://man7.org/linux/man-pages/man2/bind.2.html) on loopback alone.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use crate::port::{PortError, WayBack};

/// The path of the redirect URIs that this machine offers by itself.
const PATH: &str = "/callback";

/// Places to listen at, in the order to try them.
#[derive(Debug)]
pub(super) struct Candidates {
    /// The redirect URI as configured. Its place is the only one, and the text goes out as it is.
    configured: Option<(String, Url)>,
    ports: Vec<u16>,
}

/// A place that was bound.
#[derive(Debug)]
pub(super) struct Place<L> {
    pub(super) listener: L,
    /// What goes into the request, exactly as it must be registered.
    pub(super) redirect_uri: String,
}

impl Candidates {
    /// Reads the way back that the developer chose.
    ///
    /// A host name is none, `localhost` included: what it resolves to is not for this program to say
    /// ([RFC 8252 §8.3](https://www.rfc-editor.org/rfc/rfc8252#section-8.3)).
    pub(super) fn of(way_back: WayBack<'_>) -> Result<Self, PortError> {
        let Some(text) = way_back.redirect_uri else {
            return Ok(Self {
                configured: None,
                ports: way_back.loopback_ports.to_vec(),
            });
        };
        match Url::parse(text) {
            Ok(url) if ip(&url).is_some_and(|ip| ip.is_loopback()) && is_plain(&url) => Ok(Self {
                ports: url.port_or_known_default().into_iter().collect(),
                configured: Some((text.to_owned(), url)),
            }),
            _ => Err(PortError::NotLoopback {
                redirect_uri: text.to_owned(),
            }),
        }
    }

    /// Binds the first place that is free.
    ///
    /// Each is tried once and kept: there is no look beforehand that another program could step behind.
    pub(super) fn bind<L>(
        &self,
        mut bind: impl FnMut(SocketAddr) -> io::Result<(L, SocketAddr)>,
    ) -> Result<Place<L>, PortError> {
        for host in self.hosts() {
            let mut taken = Vec::new();
            for port in &self.ports {
                let socket = SocketAddr::new(host, *port);
                match bind(socket) {
                    Ok((listener, bound)) => {
                        let redirect_uri = self.redirect_uri(bound);
                        return Ok(Place {
                            listener,
                            redirect_uri,
                        });
                    }
                    Err(error) if is_absent(&error) => {}
                    Err(_) => taken.push(self.redirect_uri(socket)),
                }
            }
            if !taken.is_empty() {
                let redirect_uris = taken.join(", ");
                return Err(PortError::PortsTaken { redirect_uris });
            }
        }
        Err(PortError::Unavailable {
            what: "a port to come back to",
            why: "this machine has no loopback address".into(),
        })
    }

    /// Lists where to listen. A machine without the first of two has the second.
    fn hosts(&self) -> Vec<IpAddr> {
        match &self.configured {
            Some((_, url)) => ip(url).into_iter().collect(),
            None => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }

    fn redirect_uri(&self, bound: SocketAddr) -> String {
        match &self.configured {
            Some((_, url)) if url.port() == Some(0) => {
                let mut url = url.clone();
                // An http URL with a host takes any port.
                let _ = url.set_port(Some(bound.port()));
                url.into()
            }
            Some((text, _)) => text.clone(),
            None => format!("http://{bound}{PATH}"),
        }
    }
}

fn ip(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
        Host::Domain(_) => None,
    }
}

/// Whether it is http, without what a redirect would not bring back.
fn is_plain(url: &Url) -> bool {
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    url.scheme() == "http" && is_anonymous && url.fragment().is_none()
}

/// Whether the machine has no such address, as opposed to a port that is taken.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AddrNotAvailable | ErrorKind::Unsupported
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(redirect_uri: Option<&str>, ports: &[u16]) -> Result<Candidates, PortError> {
        Candidates::of(WayBack {
            redirect_uri,
            loopback_ports: ports,
            ..WayBack::default()
        })
    }

    fn bound(candidates: &Candidates, free: impl Fn(SocketAddr) -> io::Result<()>) -> String {
        let bind = |socket: SocketAddr| free(socket).map(|()| ((), socket));
        match candidates.bind(bind) {
            Ok(place) => place.redirect_uri,
            Err(error) => error.to_string(),
        }
    }

    fn without(kind: ErrorKind) -> impl Fn(SocketAddr) -> io::Result<()> {
        move |socket| match socket.is_ipv4() {
            true => Err(kind.into()),
            false => Ok(()),
        }
    }

    #[test]
    fn a_machine_without_ipv4_listens_on_ipv6() -> Result<(), PortError> {
        let candidates = candidates(None, &[1, 2])?;
        for kind in [ErrorKind::AddrNotAvailable, ErrorKind::Unsupported] {
            assert_eq!(
                bound(&candidates, without(kind)),
                "http://[::1]:1/callback",
                "{kind:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn ports_that_are_taken_are_not_looked_for_on_ipv6() -> Result<(), PortError> {
        let candidates = candidates(None, &[1, 2])?;
        for kind in [ErrorKind::AddrInUse, ErrorKind::PermissionDenied] {
            let said = bound(&candidates, without(kind));
            assert!(
                said.ends_with("http://127.0.0.1:1/callback, http://127.0.0.1:2/callback"),
                "{said}"
            );
        }
        Ok(())
    }

    #[test]
    fn a_machine_without_loopback_says_so() -> Result<(), PortError> {
        let nothing = |_| Err(ErrorKind::AddrNotAvailable.into());
        let said = bound(&candidates(None, &[1])?, nothing);
        assert!(said.contains("no loopback address"), "{said}");
        Ok(())
    }

    #[test]
    fn a_configured_redirect_uri_goes_out_to_the_letter() -> Result<(), PortError> {
        for text in [
            "http://127.0.0.1:5000/back?app=1",
            "http://[0:0:0:0:0:0:0:1]:5000/",
            "HTTP://127.0.0.1:5000",
        ] {
            assert_eq!(bound(&candidates(Some(text), &[1])?, |_| Ok(())), text);
        }
        Ok(())
    }

    #[test]
    fn what_is_no_loopback_address_is_refused() {
        for text in [
            "https://127.0.0.1:5000/",
            "http://localhost:5000/callback",
            "http://192.168.0.1:5000/",
            "http://0.0.0.0:5000/",
            "http://[::]:5000/",
            "http://[::ffff:127.0.0.1]:5000/",
            "http://user@127.0.0.1:5000/",
            "http://127.0.0.1:5000/#a",
            "com.example.app:/callback",
            "https://app.example/",
        ] {
            let refused = candidates(Some(text), &[1]).map(|_| ());
            let redirect_uri = text.to_owned();
            assert_eq!(refused, Err(PortError::NotLoopback { redirect_uri }));
        }
    }
}
