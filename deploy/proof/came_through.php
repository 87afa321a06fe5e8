<?php
// Whether a request came through Stanchion's gate; docs/gate.md says how a proof is made.
//
//     came_through($secret, $_SERVER['HTTP_X_STANCHION_PROOF'] ?? '',
//         $_SERVER['REQUEST_METHOD'], $_SERVER['REQUEST_URI'])
//
// $secret is what secrets.gate_origin says; $target is the path and the query exactly as they came.

const FRESH_S = 60;

function came_through(string $secret, string $proof, string $method, string $target): bool
{
    [$claim, $signature] = explode(';s=', $proof, 2) + ['', ''];
    if (!hash_equals(hash_hmac('sha256', "$claim\n$target", $secret), $signature)) {
        return false;
    }
    [$version, $at, $asked] = explode(';', $claim);
    $fresh = abs(time() - (int) substr($at, strlen('t='))) <= FRESH_S;
    return $version === 'v1' && $asked === "m=$method" && $fresh;
}
