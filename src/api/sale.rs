//! What is fixed about a sale.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::call::Call;
use super::problem::Problem;
use super::reply::{Json, Reply};
use super::wire::sale::SaleBody;
use crate::board::json;

const SALE_CACHE: &str = "public, max-age=5";

/// A sale.
pub fn read(call: &Call) -> Result<Reply<Json<SaleBody>>, Problem> {
    let sale = call.sale()?;
    let desk = sale.desk();
    let bytes = json::write(&SaleBody::new(&desk.definition, &desk.operations));
    let etag = etag_of(&bytes);
    Ok(Reply::ready(call.headers(), bytes.into(), &etag, SALE_CACHE))
}

/// The version of ready-made bytes.
pub fn etag_of(bytes: &[u8]) -> Bytes {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..8]);
    format!("\"{hash}\"").into()
}
