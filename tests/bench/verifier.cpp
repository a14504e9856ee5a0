// SPDX-License-Identifier: Apache-2.0
// The verifier by itself, from the JSON text of a ceremony to the verdict, beside what libraries take for the
// signature alone; and how dear it is to be told nonsense. Prints a table; judges nothing.
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/webauthn/assertion.hpp"
#include "daemon/webauthn/registration.hpp"
#include "tests/bench/peers.hpp"
#include "tests/bench/rounds.hpp"
#include "tests/unit/webauthn/expectations.hpp"

namespace {

using namespace factord;
using namespace factord::tests;
using bench::Rounds;
using bench::Spread;

constexpr int rounds = 9;
constexpr std::size_t mebibyte = 1'048'576;
constexpr std::size_t longest_read = 131'072;  // what the verifier looks into at all
const char good_registration[] = "registration packed self ES256";

std::string registration_text(int algorithm, Format format) {
  Registration made;
  made.format = format;
  return make_registration(key_of(algorithm), made);
}

std::function<bool()> registering(std::string text) {
  return [text = std::move(text), expected = registration_expectations()] {
    return std::holds_alternative<webauthn::NewCredential>(webauthn::verify_registration(text, expected));
  };
}

std::function<bool()> refusing(std::string text) {
  return [good = registering(std::move(text))] { return !good(); };
}

std::function<bool()> asserting(int algorithm, std::size_t keys_kept) {
  const Assertion made;
  const webauthn::AssertionExpectations expected{
      made.challenge, example_org(), webauthn::UserVerification::required, {}, true, ""};
  const webauthn::CredentialRecord record{made.credential_id, key_of(algorithm).cose(), 0, false, std::nullopt};
  return [=, text = make_assertion(key_of(algorithm), made), keys = std::make_shared<webauthn::KeyCache>(keys_kept)] {
    const auto read = webauthn::read_assertion(text);
    const auto* given = std::get_if<webauthn::ReadAssertion>(&read);
    return given != nullptr && std::holds_alternative<webauthn::VerifiedAssertion>(
                                   webauthn::verify_assertion(*given, record, expected, *keys));
  };
}

// The message of an assertion: 37 bytes of authenticator data and a hash.
core::Bytes message() { return core::Bytes(37 + 32, 0xa5); }

// ---- Nonsense of a given size ----

std::string repeated(std::size_t size, const std::string& start, const std::string& piece, const std::string& end) {
  std::string text = start;
  while (text.size() + piece.size() + end.size() <= size) text += piece;
  return text + end;
}

// As many members as there is room for, none of them twice.
std::string members(std::size_t size) {
  static constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text = "{\"x\":0";
  for (std::size_t i = 0; text.size() + 10 <= size; ++i) {
    text += ",\"";
    for (std::size_t rest = i * 7'919 % 46'656 + i / 46'656 * 46'656, n = 0; n < 4; ++n, rest /= 36)
      text += digits[rest % 36];
    text += "\":0";
  }
  return text + "}";
}

std::vector<std::pair<std::string, std::string>> nonsense(std::size_t size) {
  std::string bad_end = repeated(size, R"({"x":")", "a", "\"}");
  bad_end[size - 3] = '\xff';
  return {{"one string", repeated(size, R"({"x":")", "a", "\"}")},
          {"escapes", repeated(size, R"({"x":")", R"(\u00e9)", "\"}")},
          {"members", members(size)},
          {"numbers", repeated(size, R"({"x":[0)", ",1", "]}")},
          {"spaces", std::string(size, ' ')},
          {"nested", repeated(size, R"({"x":)", "[", "")},
          {"a bad byte at the end", bad_end}};
}

// ---- What is printed ----

std::string spread(const Spread& of, const char* form) {
  char text[64];
  const std::string all = std::string(form) + " [" + form + ".." + form + "]";
  std::snprintf(text, sizeof text, all.c_str(), of.median, of.least, of.most);
  return text;
}

// A median, a spread, and what it is compared with; of `goal` what the ratio should not exceed.
void print(const Rounds& measured, const std::string& name, const std::string& beside, std::optional<double> goal) {
  std::printf("  %-46s %s µs", name.c_str(), spread(measured.microseconds(name), "%.2f").c_str());
  if (!beside.empty())
    std::printf(", x %s of %s", spread(measured.ratio(name, beside), "%.3f").c_str(), beside.c_str());
  if (goal) std::printf(" (goal %.2f)", *goal);
  std::printf("\n");
}

struct Row {
  std::string name, beside;
  std::optional<double> goal;
};

std::vector<Row> add_ceremonies(Rounds& to) {
  const std::string text = registration_text(es256, Format::packed_self);
  to.add("fido_cred_verify_self", bench::fido_verify_self(text, "example.org"));
  to.add(good_registration, registering(text));
  to.add("registration none ES256", registering(registration_text(es256, Format::none)));
  to.add("registration packed x5c ES256", registering(registration_text(es256, Format::packed_x5c)));
  to.add("registration packed self RS256", registering(registration_text(rs256, Format::packed_self)));
  to.add("registration packed self EdDSA", registering(registration_text(eddsa, Format::packed_self)));
  to.add("ECDSA_verify", bench::ecdsa_verify(key_of(es256), message()));
  to.add("assertion ES256", asserting(es256, 1));
  to.add("assertion ES256, key not kept", asserting(es256, 0));
  to.add("EVP_PKEY_verify RS256", bench::rsa_verify(key_of(rs256), message()));
  to.add("assertion RS256", asserting(rs256, 1));
  to.add("assertion RS256, key not kept", asserting(rs256, 0));
  to.add("crypto_sign_verify_detached", bench::sodium_verify(key_of(eddsa), message()));
  to.add("assertion EdDSA", asserting(eddsa, 1));
  return {{"fido_cred_verify_self", "", {}},
          {good_registration, "fido_cred_verify_self", 1.0},
          {"registration none ES256", "", {}},
          {"registration packed x5c ES256", "fido_cred_verify_self", {}},
          {"registration packed self RS256", "EVP_PKEY_verify RS256", {}},
          {"registration packed self EdDSA", "crypto_sign_verify_detached", {}},
          {"ECDSA_verify", "", {}},
          {"assertion ES256", "ECDSA_verify", 1.25},
          {"assertion ES256, key not kept", "ECDSA_verify", {}},
          {"EVP_PKEY_verify RS256", "", {}},
          {"assertion RS256", "EVP_PKEY_verify RS256", {}},
          {"assertion RS256, key not kept", "EVP_PKEY_verify RS256", {}},
          {"crypto_sign_verify_detached", "", {}},
          {"assertion EdDSA", "crypto_sign_verify_detached", {}}};
}

void add_nonsense(Rounds& to, std::vector<Row>& rows, std::size_t size, std::optional<double> goal) {
  for (auto& [kind, text] : nonsense(size)) {
    const std::string name = std::to_string(size) + " bytes of JSON, " + kind;
    to.add(name, refusing(std::move(text)));
    rows.push_back({name, good_registration, goal});
  }
}

int run() {
  Rounds all;
  std::vector<Row> rows = add_ceremonies(all);
  add_nonsense(all, rows, mebibyte, 1.0);
  add_nonsense(all, rows, longest_read, std::nullopt);
  all.run(rounds);
  std::printf("The verifier by itself, CPU of one call (median [least..most] of %d rounds)\n", rounds);
  for (const Row& row : rows) print(all, row.name, row.beside, row.goal);
  return 0;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "verifier: %s\n", error.what());
    return 1;
  }
}
