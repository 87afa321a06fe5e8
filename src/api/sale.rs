//! What is fixed about a sale, and this interface's own description.

use std::sync::LazyLock;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::call::Call;
use super::problem::Problem;
use super::reply::{Document, Json, Reply};
use super::wire::sale::SaleBody;
use super::{openapi, router};
use crate::board::json;

const SALE_CACHE: &str = "public, max-age=5";
const DOCUMENT_CACHE: &str = "public, max-age=300";

/// A sale.
pub fn read(call: &Call) -> Result<Reply<Json<SaleBody>>, Problem> {
    let sale = call.sale()?;
    let desk = sale.desk();
    let bytes = json::write(&SaleBody::new(&desk.definition, &desk.operations));
    let etag = etag_of(&bytes);
    Ok(Reply::ready(call.headers(), bytes.into(), &etag, SALE_CACHE))
}

/// The public listener's description.
pub fn public_document(call: &Call) -> Result<Reply<Document>, Problem> {
    static PUBLIC: LazyLock<Bytes> =
        LazyLock::new(|| json::write(&openapi::document("Stanchion", &router::public())).into());
    Ok(Reply::ready(call.headers(), PUBLIC.clone(), &etag_of(&PUBLIC), DOCUMENT_CACHE))
}

/// The ops listener's description.
pub fn ops_document(call: &Call) -> Result<Reply<Document>, Problem> {
    static OPS: LazyLock<Bytes> = LazyLock::new(|| {
        json::write(&openapi::document("Stanchion operations", &router::ops())).into()
    });
    Ok(Reply::ready(call.headers(), OPS.clone(), &etag_of(&OPS), DOCUMENT_CACHE))
}

fn etag_of(bytes: &[u8]) -> Bytes {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..8]);
    format!("\"{hash}\"").into()
}
