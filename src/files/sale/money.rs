//! Currencies and amounts. Amounts are whole numbers of the currency's minor unit, nowhere floats.

use stanchion_domain::limits::AMOUNT_MINOR_MAX;

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use super::super::tree::Kind;

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Currency {
    /// Three letters.
    pub code: &'static str,
    /// Digits after the decimal point.
    pub digits: usize,
}

/// Active codes of ISO 4217 by the digits of their minor unit.
const CODES: [(usize, &str); 3] = [
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
         CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
         GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL \
         MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN \
         PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP \
         SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
    ),
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
];

impl Default for Currency {
    fn default() -> Self {
        Self { code: "EUR", digits: 2 }
    }
}

impl Currency {
    /// The currency with a code.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        CODES.iter().find_map(|(digits, codes)| {
            let code = codes.split_whitespace().find(|known| *known == code)?;
            Some(Self { code, digits: *digits })
        })
    }

    /// The currency named by a node.
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let code = node.text()?;
        let currency = Self::of_code(code);
        if currency.is_none() {
            let wrong = format!("{} is no currency of ISO 4217", quoted(code));
            node.refuse(wrong, "write three capitals such as \"EUR\"");
        }
        currency
    }

    /// An amount, either as `amount_minor` or as a decimal text `amount`.
    pub(super) fn read_amount(&self, table: &mut Table<'_>) -> Option<u64> {
        match (table.get("amount"), table.get("amount_minor")) {
            (None, Some(minor)) => minor.whole(0..=AMOUNT_MINOR_MAX),
            (Some(decimal), None) => self.read_decimal(decimal),
            _ => {
                let remedy = "write amount = \"24.00\" or amount_minor = 2400";
                table.node.refuse("needs either `amount` or `amount_minor`", remedy);
                None
            }
        }
    }

    fn read_decimal(&self, node: Node<'_>) -> Option<u64> {
        let Kind::Text(text) = &node.value.kind else {
            return node.wrong_kind("a decimal number in quotes such as \"24.00\"");
        };
        let amount = self.minor_units(text).filter(|minor| *minor <= AMOUNT_MINOR_MAX);
        if amount.is_none() {
            let wrong = format!("{} is no amount of {}", quoted(text), self.code);
            let most = self.shown(AMOUNT_MINOR_MAX);
            node.refuse(wrong, format!("use {} to {most}", self.shown(0)));
        }
        amount
    }

    /// "24", "24.5" and "24.50" in a currency with two digits: 2400, 2450, 2450.
    fn minor_units(&self, text: &str) -> Option<u64> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let fits = fraction.len() <= self.digits || !text.contains('.');
        if !digits(whole) || !digits(fraction) || !fits {
            return None;
        }
        let fraction = format!("{fraction:0<width$}", width = self.digits);
        let fraction = fraction.get(..self.digits)?;
        format!("{whole}{fraction}").parse().ok()
    }

    /// An amount as people write it.
    pub(super) fn shown(&self, minor: u64) -> String {
        let padded = format!("{minor:0>width$}", width = self.digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - self.digits);
        let point = if self.digits == 0 { "" } else { "." };
        format!("{whole}{point}{fraction} {}", self.code)
    }
}
