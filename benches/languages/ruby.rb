# Signs and verifies with ruby-jwt. Prints: name, a token, signed and verified a second.
require "jwt"

SECRET = ENV.fetch("BOOSTGPT_SSO_SECRET")
SECONDS = Float(ARGV.fetch(0))
CLAIMS = { "email" => "ada@example.com", "name" => "Ada Lovelace", "external_id" => "user_0192f0c12d3e7f40" }.freeze

def sign
  now = Time.now.to_i
  JWT.encode(CLAIMS.merge("iat" => now, "exp" => now + 3600), SECRET, "HS256", { typ: "JWT" })
end

def verify(token)
  JWT.decode(token, SECRET, true, { algorithm: "HS256" }).first
end

def per_second
  clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
  count = 0
  start = clock.call
  while clock.call - start < SECONDS
    50.times { yield }
    count += 50
  end
  count / (clock.call - start)
end

token = sign
raise "ruby-jwt does not verify its own token" unless CLAIMS <= verify(token)

puts ["ruby-jwt #{JWT::VERSION::STRING} (Ruby)", token, per_second { sign }, per_second { verify(token) }].join("\t")
