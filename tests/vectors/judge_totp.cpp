// SPDX-License-Identifier: Apache-2.0
// HOTP and TOTP codes, base32, otpauth URIs, and sequences of attempts.
#include <stdexcept>

#include "core/base32.hpp"
#include "core/error.hpp"
#include "daemon/otp/otpauth.hpp"
#include "daemon/otp/totp.hpp"
#include "tests/vectors/judge.hpp"

namespace factord::vectors {
namespace {

core::Bytes from_hex(const std::string& text) {
  core::Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return out;
}

otp::Algorithm algorithm(const std::string& name) {
  if (name == "SHA1") return otp::Algorithm::sha1;
  if (name == "SHA256") return otp::Algorithm::sha256;
  if (name == "SHA512") return otp::Algorithm::sha512;
  throw std::runtime_error("the case names no algorithm of TOTP");
}

otp::Parameters parameters(const Json& from) {
  return {algorithm(from.value("algorithm", "SHA1")), from.value("digits", 6u), from.value("period", 30u)};
}

core::Bytes secret(const Json& vector) { return from_hex(vector.at("secret_hex")); }

Judgement same_code(const Json& vector, std::uint64_t counter) {
  const std::string code = otp::code_at(secret(vector), counter, parameters(vector));
  return code == vector.at("code") ? accepted() : rejected("code", "another code");
}

bool same(const core::Secret& seed, const std::string& hex) {
  const core::Bytes wanted = from_hex(hex);
  return core::equal_in_constant_time(seed.view(), wanted);
}

// What differs from the case's result; null: nothing.
const char* difference(const otp::Uri& uri, const Json& result) {
  const otp::Enrolment& enrolment = uri.enrolment;
  const otp::Parameters wanted = parameters(result);
  const bool hotp = result.value("type", "totp") == "hotp";
  const Json issuer = enrolment.issuer.empty() ? Json() : Json(enrolment.issuer);
  if ((uri.type == otp::Type::hotp) != hotp) return "type";
  if (hotp && uri.counter != result.value("counter", std::uint64_t{0})) return "counter";
  if (issuer != result.value("issuer", Json()) && !(issuer.is_null() && result.at("issuer") == "")) return "issuer";
  if (enrolment.account != result.at("account")) return "account";
  if (!same(enrolment.seed, result.at("secret_hex"))) return "secret";
  if (enrolment.parameters.algorithm != wanted.algorithm) return "algorithm";
  if (enrolment.parameters.digits != wanted.digits) return "digits";
  if (!hotp && enrolment.parameters.period != wanted.period) return "period";
  return nullptr;
}

std::optional<otp::Uri> parsed(std::string_view uri) {
  const core::Secret text = core::Secret::copy_of(core::bytes_of(uri));
  return otp::parse_uri(text.text());
}

// State that a verifier keeps between attempts.
struct Verifier {
  core::Bytes seed;
  otp::Parameters parameters;
  otp::Window window;
  std::optional<std::uint64_t> last_used;

  bool accepts(const Json& attempt) {
    const auto step = otp::matching_step(seed, attempt.at("code").get<std::string>(), attempt.at("now"), parameters,
                                         window, last_used);
    if (step) last_used = step;
    return step.has_value();
  }
};

// Of attempts that run at once (`race`) any may win, but as many as the case says: their order in the file stands for
// all orders, since the winner is remembered before the next is judged.
const char* attempt_defect(Verifier& verifier, const Json& attempt) {
  const std::string expected = attempt.at("expected");
  const bool accepted = verifier.accepts(attempt);
  if (expected != "policy" && accepted != (expected == "ok"))
    return accepted ? "an attempt was accepted" : "an attempt was refused";
  if (accepted && attempt.contains("last_step") && verifier.last_used != attempt.at("last_step").get<std::uint64_t>())
    return "another step is remembered";
  return nullptr;
}

}  // namespace

Judgement judge_hotp(const Json& vector) { return same_code(vector, vector.at("counter")); }

Judgement judge_totp(const Json& vector) {
  const std::uint64_t elapsed = vector.at("time").get<std::uint64_t>() - vector.value("t0", std::uint64_t{0});
  return same_code(vector, elapsed / vector.value("period", 30u));
}

Judgement judge_base32(const Json& vector) {
  const auto seed = core::read_base32_seed(vector.at("text").get<std::string>());
  if (!seed) return rejected("base32", "not a base32 seed");
  if (vector.contains("hex") && !same(*seed, vector.at("hex"))) return rejected("base32", "other bytes");
  return accepted();
}

Judgement judge_uri(const Json& vector) {
  const auto uri = parsed(vector.at("uri").get<std::string>());
  if (!uri) return rejected("uri", "not a URI that the daemon keeps");
  const char* other = vector.contains("result") ? difference(*uri, vector.at("result")) : nullptr;
  return other == nullptr ? accepted() : rejected("uri", std::string("another ") + other);
}

// The URI is compared after parsing, with what went in: other orders and escapes are as good.
Judgement judge_build(const Json& vector) try {
  const otp::Enrolment enrolment{vector.at("issuer"), vector.at("account"), core::Secret::copy_of(secret(vector)),
                                 parameters(vector)};
  const core::Secret built = otp::to_uri(enrolment);
  const auto back = otp::parse_uri(built.text());
  if (!back) return rejected("build", "what was built does not parse");
  const char* other = difference(*back, vector);
  return other == nullptr ? accepted() : rejected("build", std::string("another ") + other);
} catch (const core::Error& error) {
  return rejected("build", error.text());
}

Judgement judge_verify(const Json& vector) {
  const Json& window = vector.at("window");
  Verifier verifier{secret(vector), parameters(vector), {window.at("back"), window.at("forward")}, std::nullopt};
  for (const auto& attempt : vector.at("attempts"))
    if (const char* defect = attempt_defect(verifier, attempt)) return rejected("attempt", defect);
  return accepted();
}

}  // namespace factord::vectors
