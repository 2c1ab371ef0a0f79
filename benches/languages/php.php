<?php
// Signs and verifies with PHP's own functions, as PHP programs without a library do. Prints: name, a token,
// signed and verified a second.

const CLAIMS = ['email' => 'ada@example.com', 'name' => 'Ada Lovelace', 'external_id' => 'user_0192f0c12d3e7f40'];
$secret = getenv('BOOSTGPT_SSO_SECRET');
$seconds = (float) $argv[1];

function encode(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

function decode(string $text): string
{
    return base64_decode(strtr($text, '-_', '+/'));
}

function sign(string $secret): string
{
    $now = time();
    $header = encode(json_encode(['alg' => 'HS256', 'typ' => 'JWT']));
    $signed = $header . '.' . encode(json_encode(CLAIMS + ['iat' => $now, 'exp' => $now + 3600]));
    return $signed . '.' . encode(hash_hmac('sha256', $signed, $secret, true));
}

function verify(string $token, string $secret): array
{
    [$header, $payload, $signature] = explode('.', $token);
    $mac = hash_hmac('sha256', "$header.$payload", $secret, true);
    $claims = json_decode(decode($payload), true);
    $is_good = json_decode(decode($header), true)['alg'] === 'HS256'
        && hash_equals($mac, decode($signature)) && $claims['exp'] > time();
    return $is_good ? $claims : throw new Exception('refused');
}

function per_second(float $seconds, callable $work): float
{
    [$count, $begin] = [0, hrtime(true)];
    while (hrtime(true) - $begin < $seconds * 1e9) {
        for ($i = 0; $i < 50; $i++) {
            $work();
        }
        $count += 50;
    }
    return $count / (hrtime(true) - $begin) * 1e9;
}

$token = sign($secret);
foreach (CLAIMS as $name => $value) {
    verify($token, $secret)[$name] === $value || throw new Exception('PHP does not verify its own token');
}
$rates = [per_second($seconds, fn () => sign($secret)), per_second($seconds, fn () => verify($token, $secret))];
echo implode("\t", ['hash_hmac, by hand (PHP ' . PHP_VERSION . ')', $token, ...$rates]), "\n";
