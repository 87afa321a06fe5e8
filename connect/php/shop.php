<?php
/**
 * A shop of one page behind the door, to try it with.
 *
 *     QUEUE=https://queue.example.org SALE=gala SHOP=http://127.0.0.1:9000 KEYS=keys \
 *         php -S 127.0.0.1:9000 shop.php
 */

declare(strict_types=1);

require __DIR__ . '/Door.php';

$door = new Stanchion\Door(getenv('QUEUE'), getenv('SALE'), getenv('SHOP'), getenv('KEYS'));
$pass = $door->admit();
header('Content-Type: text/plain; charset=utf-8');
echo "{$_SERVER['REQUEST_METHOD']} {$_SERVER['REQUEST_URI']} with pass $pass\n";
