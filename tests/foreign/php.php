<?php
// Signs and verifies as people do with PHP's own functions, for tests/suite/foreign.rs and
// diagnose/mistakes.rs. (Debian has no library for that.) One JSON request on standard input, one JSON answer
// out:
//   {"action": "sign", "users": [{email, name, id}, …]}  ->  {"php": [token, …]}
//   {"action": "verify", "tokens": [token, …]}  ->  {"php": [claims, …]}
//   {"action": "mistakes", "previous", "other", "bot", "otherBot"}  ->  {code of the mistake: [token, …], …}
// A token that is refused becomes {"refused": reason}. The secret is in BOOSTGPT_SSO_SECRET.

$secret = getenv('BOOSTGPT_SSO_SECRET');
$request = json_decode(stream_get_contents(STDIN), true);

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** Header and payload are arrays, or the texts that are put in their place. */
function sign(
    mixed $claims,
    ?string $key = null,
    mixed $header = ['alg' => 'HS256', 'typ' => 'JWT'],
    bool $raw = true,
): string {
    $text = fn ($part) => is_array($part) ? json_encode($part) : $part;
    $signed = base64url($text($header)) . '.' . base64url($text($claims));
    $key ??= getenv('BOOSTGPT_SSO_SECRET');
    return $signed . '.' . base64url(hash_hmac('sha256', $signed, $key, $raw));
}

function ada(array $changes = []): array
{
    $ada = [
        'email' => 'ada@example.com', 'name' => 'Ada', 'external_id' => '42', 'iat' => time(),
        'exp' => time() + 3300,
    ];
    return array_filter(array_replace($ada, $changes), fn ($value) => $value !== 'unset');
}

/** What hash_equals says of a token, and its claims. */
function verified(string $token): mixed
{
    [$header, $payload, $signature] = explode('.', $token);
    $expected = base64url(hash_hmac('sha256', "$header.$payload", getenv('BOOSTGPT_SSO_SECRET'), true));
    $claims = json_decode(base64_decode(strtr($payload, '-_', '+/')), true, flags: JSON_THROW_ON_ERROR);
    return match (true) {
        !hash_equals($expected, $signature) => ['refused' => 'signature'],
        $claims['exp'] <= time() => ['refused' => 'expired'],
        default => $claims,
    };
}

/** The documented claims of a user, signed for an hour. What the user does not have is left out. */
function signed(array $user): string
{
    $now = time();
    $claims = ['email' => $user['email']];
    foreach (['name' => 'name', 'external_id' => 'id'] as $claim => $member) {
        if (array_key_exists($member, $user)) {
            $claims[$claim] = $user[$member];
        }
    }
    return sign($claims + ['iat' => $now, 'exp' => $now + 3600]);
}

if ($request['action'] === 'sign') {
    echo json_encode(['php' => array_map('signed', $request['users'])], JSON_THROW_ON_ERROR);
    return;
}
if ($request['action'] === 'verify') {
    echo json_encode(['php' => array_map('verified', $request['tokens'])], JSON_THROW_ON_ERROR);
    return;
}

/** What the clock of this time zone shows, taken for UTC; and the other way round. */
function ahead(string $zone): int
{
    $parts = explode(' ', (new DateTime('now', new DateTimeZone($zone)))->format('H i s n j Y'));
    return gmmktime(...array_map('intval', $parts));
}

function behind(string $zone): int
{
    return (new DateTime(gmdate('Y-m-d H:i:s'), new DateTimeZone($zone)))->getTimestamp();
}

class Token
{
    public function __construct(public string $token)
    {
    }
}

/** base64_encode as it is, which is not base64url. */
function standard(array $claims, bool $padded): string
{
    $encode = fn (string $bytes) => $padded ? base64_encode($bytes) : rtrim(base64_encode($bytes), '=');
    $header = json_encode(['alg' => 'HS256', 'typ' => 'JWT']);
    $signed = $encode($header) . '.' . $encode(json_encode($claims, JSON_UNESCAPED_UNICODE));
    return $signed . '.' . $encode(hash_hmac('sha256', $signed, getenv('BOOSTGPT_SSO_SECRET'), true));
}

/** The first of many that has the characters which only standard base64 has, or has none of them. */
function standard_with(bool $plus, bool $padded): string
{
    for ($count = 0; ; $count++) {
        $token = standard(ada(['name' => "Ada $count"]), $padded);
        if ((strpbrk($token, '+/') !== false) === $plus) {
            return $token;
        }
    }
}

$token = sign(ada());
$latin1 = ada(['name' => "Zo\xEB"]);
$zones = ['Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Tokyo', 'Asia/Dubai'];

$mistakes = [
    'secret_hex_decoded' => [sign(ada(), hex2bin($secret)), sign(ada(), pack('H*', $secret))],
    'secret_base64_decoded' => [sign(ada(), base64_decode($secret))],
    'secret_line_end' => [sign(ada(), $secret . PHP_EOL)],
    'secret_quoted' => [sign(ada(), var_export($secret, true)), sign(ada(), json_encode($secret))],
    'secret_hashed' => [sign(ada(), hash('sha256', $secret)), sign(ada(), hash('sha256', $secret, true))],
    'secret_empty' => [sign(ada(), (string) getenv('NOT_SET'))],
    'secret_case' => [sign(ada(), strtoupper($secret))],
    'signature_hex' => [sign(ada(), raw: false)],
    'alg_missing' => [sign(ada(), header: ['typ' => 'JWT'])],
    'alg_case' => [sign(ada(), header: ['alg' => 'sha256', 'typ' => 'JWT'])],
    'payload_empty' => [sign((string) json_encode($latin1))],
    'payload_not_json' => [
        sign(serialize(ada())), sign(http_build_query(ada())), sign(print_r(ada(), true)),
        sign(json_encode([ada()])),
    ],
    'payload_is_text' => [sign(json_encode(json_encode(ada()))), sign(base64_encode(json_encode(ada())))],
    'standard_base64' => [standard_with(true, false), standard_with(true, true)],
    'padding' => [standard_with(false, true)],
    'alg_hs384_hs512' => [sign(ada(), header: ['alg' => 'HS512', 'typ' => 'JWT'])],
    'exp_missing' => [sign(ada(['exp' => 'unset']))],
    'exp_milliseconds' => [sign(ada(['exp' => (int) (microtime(true) * 1000) + 3300000]))],
    'date_microseconds' => [sign(ada(['exp' => (int) (microtime(true) * 1e6) + 3300000000]))],
    'exp_iso_date' => [
        sign(ada(['exp' => date('c', time() + 3300)])),
        sign(ada(['exp' => date('Y-m-d H:i:s', time() + 3300)])),
        sign(ada(['exp' => new DateTime('+55 minutes')])),
        sign(ada(['exp' => date(DATE_RFC2822, time() + 3300)])),
        sign(ada(['exp' => (int) date('YmdHis', time() + 3300)])),
    ],
    'exp_text' => [
        sign(ada(['exp' => (string) (time() + 3300)])),
        sign(ada(['exp' => sprintf('%.4f', microtime(true) + 3300)])),
    ],
    'exp_duration' => [
        sign(ada(['exp' => 3600])), sign(ada(['exp' => '+1 hour'])), sign(ada(['exp' => 'PT1H'])),
    ],
    'exp_misnamed' => [sign(ada(['exp' => 'unset', 'expires_at' => time() + 3300]))],
    'exp_invalid' => [sign(ada(['exp' => null])), sign(ada(['exp' => false]))],
    'lifetime_short' => [sign(ada(['iat' => time() - 20, 'exp' => time() - 5]))],
    'exp_not_after_iat' => [sign(ada(['exp' => time()])), sign(ada(['iat' => time(), 'exp' => time()]))],
    'lifetime_too_long' => [sign(ada(['exp' => time() + 7200])), sign(ada(['exp' => strtotime('+1 day')]))],
    'lifetime_at_limit' => [
        sign(['exp' => time() + 3600, 'iat' => time()] + ada(['iat' => 'unset', 'exp' => 'unset'])),
    ],
    'local_time' => array_map(
        fn ($zone) => sign(ada(['iat' => ahead($zone), 'exp' => ahead($zone) + 3300])),
        $zones,
    ),
    'expired' => array_map(
        fn ($zone) => sign(ada(['iat' => behind($zone), 'exp' => behind($zone) + 3300])),
        $zones,
    ),
    'email_missing' => [sign(ada(['email' => 'unset']))],
    'email_not_text' => [
        sign(ada(['email' => null])), sign(ada(['email' => ['ada@example.com']])),
        sign(ada(['email' => new ArrayObject(['ada@example.com'])])),
    ],
    'email_encoded' => [
        sign(ada(['email' => htmlspecialchars("o'brien@example.com", ENT_QUOTES)])),
        sign(ada(['email' => rawurlencode('ada@example.com')])),
    ],
    'email_misnamed' => [
        sign(ada(['email' => 'unset', 'user_email' => 'ada@example.com'])),
        sign(ada(['email' => 'unset', 'correo' => 'ada@example.com'])),
    ],
    'claims_nested' => [
        sign(['data' => ada(['iat' => 'unset', 'exp' => 'unset']), 'iat' => time(), 'exp' => time() + 3300]),
        sign(ada(['email' => 'unset', 'sub' => json_encode(['email' => 'ada@example.com', 'id' => 42])])),
    ],
    'name_encoded' => [
        sign(ada(['name' => htmlspecialchars("O'Brien & Co", ENT_QUOTES)])),
        sign(ada(['name' => htmlentities('Zoë')])),
    ],
    'external_id_shared' => [
        sign(ada(['external_id' => var_export(null, true)])), sign(ada(['external_id' => 0])),
        sign(ada(['external_id' => '{{ $user->id }}'])),
    ],
    'external_id_number' => [sign(ada(['external_id' => 1e20]))],
    'external_id_rounded' => [sign(ada(['external_id' => PHP_INT_MAX]))],
    'external_id_misnamed' => [
        sign(ada(['external_id' => 'unset', 'user_id' => 42])),
        sign(ada(['external_id' => 'unset', 'sub' => '42'])),
    ],
    'undefined' => [
        'Array', var_export(null, true), json_encode(new stdClass()), '' . print_r(opendir('.'), true),
        json_encode(['token' => null]),
    ],
    'template_placeholder' => [
        '<?= $token ?>', '<?php echo $token; ?>', '$token', '{$token}', '{{ $token }}', '{!! $token !!}',
    ],
    'json_wrapper' => [
        json_encode(['token' => $token]), print_r(['token' => $token], true),
        json_encode(['data' => [['jwt' => $token]]]),
    ],
    'quoted' => [var_export($token, true), json_encode($token), htmlspecialchars(json_encode($token))],
    'surrounding_text' => [serialize($token), print_r(new Token($token), true), "token=$token"],
    'encoded_twice' => [base64_encode($token), bin2hex($token), chunk_split(base64_encode($token))],
    'url_encoded' => [rawurlencode(json_encode(['token' => $token]))],
    'white_space_around' => [$token . PHP_EOL, "\xEF\xBB\xBF" . $token],
    'identity_hash' => [hash_hmac('sha256', 'ada@example.com', $secret), md5('ada@example.com')],
    'other_token' => [
        base64_encode(json_encode([
            'iv' => base64_encode(random_bytes(16)), 'value' => base64_encode(random_bytes(96)),
            'mac' => hash('sha256', 'x'), 'tag' => '',
        ])),
    ],
    'error_answer' => [
        json_encode(['message' => 'Unauthenticated.']),
        "PHP Warning:  Undefined variable \$token in /var/www/html/index.php on line 12",
    ],
];
echo json_encode($mistakes, JSON_THROW_ON_ERROR);
