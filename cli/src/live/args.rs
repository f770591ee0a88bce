//! The flags of the page, which several commands share.

use std::net::SocketAddr;

use clap::Args;

/// Where the page is when nobody says.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8073";

/// A page that shows the run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Page")]
pub struct PageArgs {
    /// Show the run as a page in any browser, at ADDRESS:PORT [default: 127.0.0.1:8073]
    #[arg(long, value_name = "ADDR", num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_ADDRESS, value_parser = address)]
    pub page: Option<SocketAddr>,

    /// Let the page turn gains, frequency, painter and dial, record and pause; beyond this machine with the token that is printed
    #[arg(long, requires = "page")]
    pub page_control: bool,
}

/// `ADDRESS:PORT`, or one of them.
fn address(text: &str) -> Result<SocketAddr, String> {
    let at = |text: String| text.parse::<SocketAddr>().ok();
    let port = || text.strip_prefix(':').unwrap_or(text);
    at(text.to_owned())
        .or_else(|| at(format!("127.0.0.1:{}", port())))
        .or_else(|| at(format!("{text}:8073")))
        .ok_or_else(|| format!("found {text:?}, allowed ADDRESS:PORT like {DEFAULT_ADDRESS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_out_what_goes_without_saying() {
        for (text, full) in [
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("9000", "127.0.0.1:9000"),
            (":9000", "127.0.0.1:9000"),
            ("192.168.1.7", "192.168.1.7:8073"),
            ("[::1]:8073", "[::1]:8073"),
        ] {
            assert_eq!(address(text), Ok(full.parse().unwrap()), "{text}");
        }
        assert!(address("moon").unwrap_err().contains("127.0.0.1:8073"));
    }
}
