# Signs and verifies with ruby-jwt, for tests/suite/foreign.rs and diagnose/mistakes.rs. One JSON request on
# standard input, one JSON answer out:
#   {"action": "sign", "users": [{email, name, id}, …]}  ->  {"ruby-jwt": [token, …]}
#   {"action": "verify", "tokens": [token, …], "audience"?}  ->  {"ruby-jwt": [claims, …]}
#   {"action": "mistakes", "previous", "other", "bot", "otherBot"}  ->  {code of the mistake: [token, …], …}
# A token that is refused becomes {"refused": reason}. The secret is in BOOSTGPT_SSO_SECRET.
require 'base64'
require 'cgi'
require 'date'
require 'json'
require 'jwt'
require 'openssl'

SECRET = ENV.fetch('BOOSTGPT_SSO_SECRET')

def ada(changes = {})
  now = Time.now.to_i
  ada = { email: 'ada@example.com', name: 'Ada', external_id: '42', iat: now, exp: now + 3300 }
  ada.merge(changes).reject { |_, value| value == :unset }
end

def sign(changes = {}, key = SECRET, algorithm = 'HS256', header = { typ: 'JWT' })
  JWT.encode(ada(changes), key, algorithm, header)
end

# ruby-jwt refuses dates that are no numbers: these are put together by hand.
def by_hand(payload, header = { alg: 'HS256', typ: 'JWT' }, key = SECRET)
  payload, header = [payload, header].map { |part| part.is_a?(String) ? part : JSON.generate(part) }
  signed = [header, payload].map { |part| Base64.urlsafe_encode64(part, padding: false) }.join('.')
  "#{signed}.#{Base64.urlsafe_encode64(OpenSSL::HMAC.digest('SHA256', key, signed), padding: false)}"
end

def with_line_ends
  signed = [{ alg: 'HS256', typ: 'JWT' }, ada].map { |part| Base64.encode64(JSON.generate(part)) }.join('.')
  "#{signed}.#{Base64.encode64(OpenSSL::HMAC.digest('SHA256', SECRET, signed))}"
end

def hexadecimal
  parts = [{ alg: 'HS256', typ: 'JWT' }, ada]
  signed = parts.map { |part| Base64.urlsafe_encode64(JSON.generate(part), padding: false) }.join('.')
  "#{signed}.#{OpenSSL::HMAC.hexdigest('SHA256', SECRET, signed)}"
end

def verified(token, audience)
  options = { algorithm: 'HS256' }
  options.update(aud: audience, verify_aud: true) if audience
  JWT.decode(token, SECRET, true, options).first
rescue JWT::DecodeError => e
  { refused: e.message }
end

# The documented claims of a user, signed for an hour. What the user does not have is left out.
def signed(user)
  now = Time.now.to_i
  claims = { email: user['email'] }
  claims[:name] = user['name'] if user.key?('name')
  claims[:external_id] = user['id'] if user.key?('id')
  JWT.encode(claims.merge(iat: now, exp: now + 3600), SECRET, 'HS256')
end

request = JSON.parse($stdin.read)
case request['action']
when 'sign'
  puts JSON.generate('ruby-jwt': request['users'].map { |user| signed(user) })
  exit
when 'verify'
  puts JSON.generate('ruby-jwt': request['tokens'].map { |token| verified(token, request['audience']) })
  exit
end

token = sign
now = Time.now
mistakes = {
  secret_hex_decoded: [sign({}, [SECRET].pack('H*'))],
  secret_line_end: [sign({}, "#{SECRET}\n")],
  secret_quoted: [sign({}, SECRET.inspect)],
  secret_reencoded: [
    sign({}, Base64.encode64(SECRET)), sign({}, Base64.strict_encode64(SECRET)),
    sign({}, Base64.urlsafe_encode64([SECRET].pack('H*'))),
  ],
  secret_cut: [sign({}, SECRET[0, 32])],
  alg_hs384_hs512: [sign({}, SECRET, 'HS384'), sign({}, SECRET, 'HS512')],
  alg_none: [sign({}, nil, 'none')],
  alg_asymmetric: [sign({}, OpenSSL::PKey::RSA.generate(2048), 'RS256')],
  typ_not_jwt: [sign({}, SECRET, 'HS256', { typ: 'at+jwt' })],
  signature_hex: [hexadecimal],
  white_space_inside: [with_line_ends],
  white_space_around: ["#{token}\n"],
  payload_is_text: [by_hand(ada.to_json.to_json)],
  exp_missing: [sign({ exp: :unset })],
  exp_milliseconds: [sign({ exp: (now.to_f * 1000).to_i + 3_300_000 })],
  date_nanoseconds: [
    sign({ exp: Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond) + 3_300_000_000_000 }),
  ],
  date_in_days: [sign({ exp: DateTime.now.ajd.to_f + 0.04, iat: :unset })],
  exp_iso_date: [
    by_hand(ada(exp: now + 3300)), by_hand(ada(exp: (now + 3300).utc.strftime('%FT%TZ'))),
    by_hand(ada(exp: DateTime.now)),
  ],
  exp_text: [by_hand(ada(exp: (now + 3300).to_i.to_s))],
  lifetime_at_limit: [sign({ iat: now.to_i, exp: (now + 3600).to_f })],
  exp_duration: [sign({ exp: 3600 }), by_hand(ada(exp: '1 hour'))],
  expired: [sign({ iat: now.to_i - 10_000, exp: now.to_i - 6_700 })],
  lifetime_too_long: [sign({ exp: now.to_i + 86_400 })],
  local_time: [sign({ iat: now.to_i + 19_800, exp: now.to_i + 23_100 })],
  not_before: [sign({ nbf: now.to_i + 600 })],
  email_not_text: [sign({ email: nil }), sign({ email: ['ada@example.com'] })],
  email_empty: [sign({ email: nil.inspect }), sign({ email: nil.to_s }), sign({ email: :undefined })],
  email_encoded: [
    sign({ email: CGI.escapeHTML("o'brien@example.com") }), sign({ email: CGI.escape('ada@example.com') }),
  ],
  email_white_space: [sign({ email: "ada@example.com\n" })],
  email_misnamed: [sign({ email: :unset, 'e-mail' => 'ada@example.com' })],
  claims_nested: [
    sign({ email: :unset, user: { email: 'ada@example.com', id: 42 } }),
    sign({ email: :unset, data: { email: 'ada@example.com' }.to_json }),
  ],
  payload_not_json: [by_hand(ada.inspect), by_hand(ada.to_a.to_s)],
  name_encoded: [sign({ name: CGI.escapeHTML('Ada & Co') })],
  name_missing_value: [sign({ name: "#{nil.inspect} #{nil.inspect}" })],
  external_id_absent: [
    sign({ external_id: nil.inspect }), sign({ external_id: :nil }), sign({ external_id: :undefined }),
  ],
  external_id_rounded: [sign({ external_id: 2**62 })],
  external_id_number: [sign({ external_id: 2**70 }), sign({ external_id: 42.0 })],
  external_id_misnamed: [
    sign({ external_id: :unset, id: 42 }),
    sign({ external_id: :unset, uuid: 'e3b0c442-98fc-1c14-9afb-4c8996fb9242' }),
  ],
  undefined: [
    nil.inspect, Object.new.inspect, Thread.new { token }.inspect, proc { token }.inspect,
    JSON.generate(token: nil),
  ],
  template_placeholder: ['<%= token %>', '#{token}', '<%= @token.inspect %>'],
  quoted: [token.inspect, token.to_json],
  json_wrapper: [JSON.generate(token: token), { token: token }.inspect, [[token]].to_json],
  bytes_printed: [token.bytes.inspect, token.bytes.to_json],
  encoded_twice: [Base64.encode64(token), token.unpack1('H*'), Base64.urlsafe_encode64(token)],
  url_encoded: [CGI.escape(JSON.generate(token: token))],
  error_answer: [
    "undefined method `id' for nil:NilClass (NoMethodError)",
    JSON.generate(error: 'You need to sign in before continuing.'),
  ],
  other_token: ["#{Base64.strict_encode64('x' * 40)}--#{OpenSSL::HMAC.hexdigest('SHA1', 'k', 'x')}"],
}
puts JSON.generate(mistakes)
