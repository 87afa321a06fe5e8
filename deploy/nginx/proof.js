// Whether a request came through Stanchion's gate, for nginx with njs; goes with proof.conf, to
// /etc/nginx/stanchion-proof.js. docs/gate.md says how a proof is made.

import crypto from 'crypto';

const FRESH_S = 60;

// In a time that does not tell how much was right.
function same(made, sent) {
    let differs = made.length ^ sent.length;
    for (let at = 0; at < made.length; at++) {
        differs |= made.charCodeAt(at) ^ (at < sent.length ? sent.charCodeAt(at) : 0);
    }
    return differs === 0;
}

function came_through(r) {
    const proof = r.headersIn['X-Stanchion-Proof'] || '';
    const at = proof.indexOf(';s=');
    if (at < 0) {
        return 'no';
    }
    const claim = proof.slice(0, at);
    // The target as it came: $uri is another one.
    const signed = claim + '\n' + r.variables.request_uri;
    const made = crypto.createHmac('sha256', r.variables.stanchion_secret).update(signed);
    if (!same(made.digest('hex'), proof.slice(at + 3))) {
        return 'no';
    }
    const parts = claim.split(';');
    const age_s = Math.abs(Date.now() / 1000 - Number(parts[1].slice(2)));
    const good = parts[0] === 'v1' && parts[2] === 'm=' + r.method && age_s <= FRESH_S;
    return good ? 'yes' : 'no';
}

export default { came_through };
