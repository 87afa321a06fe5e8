<?php
/**
 * Lets in who has a pass: for a shop in PHP that checks passes by itself.
 *
 *     require 'Door.php';
 *     $door = new Stanchion\Door(
 *         'https://queue.example.org', 'gala', 'https://shop.example.org', __DIR__ . '/../keys');
 *     $pass = $door->admit();   // or the visitor is on the way to the queue, and this ends here
 *
 * No call to the queue is made for a visitor; its public keys are kept in the folder named last, and
 * fetched every few minutes and when a token names one that is not known yet. Whoever can write in
 * that folder can make passes, so it must be PHP's alone; it is made if it is not there. Needs PHP 8
 * with sodium, which it has.
 */

declare(strict_types=1);

namespace Stanchion;

final class Door
{
    private const SEED = 'stanchion_seed';
    private const PASS = 'stanchion_pass';
    private const PARAMETER = 'stanchion';
    /** Keys are believed for so long. */
    private const KEYS_AGE_S = 300;
    /** Between two looks at them: whoever sends tokens with made-up keys is not to make us ask. */
    private const LOOK_PAUSE_S = 10;
    private const LOOK_S = 5;

    private string $keysFile;

    public function __construct(
        private string $queue,
        private string $sale,
        private string $shop,
        private string $folder,
    ) {
        is_dir($folder) || @mkdir($folder, 0700);
        if (!is_writable($folder) || (fileperms($folder) & 0022) !== 0) {
            throw new \RuntimeException("$folder: PHP has to own this folder, and nobody else may "
                . 'write in it (chmod 700)');
        }
        $this->keysFile = "$folder/stanchion-" . hash('sha256', $queue) . '.json';
    }

    /** The number of the visitor's pass. Ends the script if they have none. */
    public function admit(): int
    {
        $reads = in_array($_SERVER['REQUEST_METHOD'], ['GET', 'HEAD'], true);
        $page = $reads && $this->wantsPage();
        $seed = $this->cookie(self::SEED);
        [$url, $handed] = $this->address();
        if ($handed !== null && $reads && $this->check($handed, $seed) !== null) {
            $this->send($url, self::PASS, $handed);
        }
        $claims = $this->check($this->cookie(self::PASS), $seed);
        if ($claims !== null && (!$page || time() < $claims['renew'])) {
            return $claims['pass'];
        }
        if (!$page) {
            http_response_code(403);
            header('Cache-Control: no-store');
            header('Content-Type: text/plain; charset=utf-8');
            exit("Your time in the shop is over. Load the page again to come back.\n");
        }
        $seed ??= self::encoded(random_bytes(32));
        $go = http_build_query(['to' => $url, 'bound' => self::hashed($seed)]);
        $this->send("{$this->queue}/{$this->sale}/go?$go", self::SEED, $seed);
    }

    /** What a token says, if the queue signed it for this shop, this sale and this browser. */
    private function check(?string $token, ?string $seed): ?array
    {
        $parts = explode('.', $token ?? '');
        if (count($parts) !== 3 || $seed === null) {
            return null;
        }
        [$head, $body, $signature] = array_map(self::decoded(...), $parts);
        $header = json_decode($head, true);
        $kid = is_array($header) && ($header['alg'] ?? '') === 'EdDSA' ? $header['kid'] ?? '' : '';
        $key = is_string($kid) ? $this->key($kid) : null;
        $wellFormed = $key !== null && strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES;
        $signed = "$parts[0].$parts[1]";
        if (!$wellFormed || !sodium_crypto_sign_verify_detached($signature, $signed, $key)) {
            return null;
        }
        $claims = json_decode($body, true);
        $told = [$claims['iss'], $claims['aud'], $claims['sale'], $claims['bound']];
        $ours = $told === [$this->queue, $this->shop, $this->sale, self::hashed($seed)];
        return $ours && time() < $claims['exp'] ? $claims : null;
    }

    private function key(string $kid): ?string
    {
        clearstatcache();
        $there = is_file($this->keysFile);
        $age = $there ? time() - filemtime($this->keysFile) : PHP_INT_MAX;
        // One that somebody else made, or that is dated ahead to be believed for longer, is none.
        $good = $there && $age >= 0 && fileowner($this->keysFile) === fileowner($this->folder);
        $age = $good ? $age : PHP_INT_MAX;
        $keys = $good ? json_decode(file_get_contents($this->keysFile), true) : [];
        if ($age > self::KEYS_AGE_S || (!isset($keys[$kid]) && $age > self::LOOK_PAUSE_S)) {
            $keys = $this->look() ?? $keys;
            // Whoever reads it meanwhile reads the one before, whole.
            $made = tempnam($this->folder, 'stanchion');
            file_put_contents($made, json_encode($keys));
            rename($made, $this->keysFile);
        }
        $key = self::decoded($keys[$kid] ?? '');
        return strlen($key) === SODIUM_CRYPTO_SIGN_PUBLICKEYBYTES ? $key : null;
    }

    /** The keys by their ids; none if there was no answer, or none that can be read. */
    private function look(): ?array
    {
        $deadline = stream_context_create(['http' => ['timeout' => self::LOOK_S]]);
        $where = "{$this->queue}/.well-known/jwks.json";
        $told = json_decode(@file_get_contents($where, false, $deadline) ?: 'null', true);
        return is_array($told['keys'] ?? null) ? array_column($told['keys'], 'x', 'kid') : null;
    }

    /** The address that was asked for, without a token, and the token that was handed over. */
    private function address(): array
    {
        [$path, $query] = array_pad(explode('?', $_SERVER['REQUEST_URI'], 2), 2, '');
        $ours = fn (string $pair): bool => str_starts_with($pair, self::PARAMETER . '=');
        $rest = implode('&', array_filter(explode('&', $query), fn ($pair) => !$ours($pair)));
        $handed = $_GET[self::PARAMETER] ?? null;
        $url = $this->shop . $path . ($rest === '' ? '' : "?$rest");
        return [$url, is_string($handed) ? $handed : null];
    }

    /**
     * Whether the browser goes to a page. Its scripts may not read what a redirect to another host
     * leads to, so they get none.
     */
    private function wantsPage(): bool
    {
        $mode = $_SERVER['HTTP_SEC_FETCH_MODE'] ?? null;
        $accepted = $_SERVER['HTTP_ACCEPT'] ?? '';
        return $mode === null ? str_contains($accepted, 'text/html') : $mode === 'navigate';
    }

    private function cookie(string $name): ?string
    {
        $value = $_COOKIE[$name] ?? null;
        return is_string($value) ? $value : null;
    }

    private function send(string $location, string $name, string $value): never
    {
        setcookie($name, $value, [
            'path' => '/', 'httponly' => true, 'samesite' => 'Lax',
            'secure' => str_starts_with($this->shop, 'https:'),
        ]);
        header('Cache-Control: no-store');
        header("Location: $location", true, 303);
        exit;
    }

    private static function hashed(string $seed): string
    {
        return self::encoded(hash('sha256', $seed, true));
    }

    private static function encoded(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }

    private static function decoded(string $text): string
    {
        return (string) base64_decode(strtr($text, '-_', '+/'), true);
    }
}
