// SPDX-License-Identifier: Apache-2.0
// soft-authenticator: a browser with a token for shell and Python tests. Reads the options JSON on stdin, writes the
// credential JSON on stdout. A key made with `create --key-file F` signs again with `get --key-file F`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>

#include "core/base64url.hpp"
#include "tests/support/authenticator.hpp"

namespace {

using namespace factord;
using namespace factord::tests;

struct Choices {
  std::string origin, format = "none", algorithm, credential_id, tamper, key_file, aaguid, issuer_key;
  bool no_uv = false;
};

// The exit status of what a browser would answer with InvalidStateError: an excluded credential is present.
constexpr int excluded_status = 3;

struct Named {
  std::string_view name;
  int number;
};

constexpr Named algorithms[] = {{"ES256", es256}, {"ES384", es384}, {"ES512", es512},
                                {"EdDSA", eddsa}, {"RS256", rs256}, {"PS256", ps256}};

struct NamedFormat {
  std::string_view name;
  Format format;
};

constexpr NamedFormat formats[] = {{"none", Format::none},
                                   {"packed", Format::packed_self},
                                   {"packed-x5c", Format::packed_x5c},
                                   {"fido-u2f", Format::fido_u2f},
                                   {"tpm", Format::tpm},
                                   {"android-key", Format::android_key},
                                   {"apple", Format::apple},
                                   {"compound", Format::compound}};

template <typename Table>
std::vector<std::string> names(const Table& table) {
  std::vector<std::string> out;
  for (const auto& row : table) out.emplace_back(row.name);
  return out;
}

template <typename Table>
const auto& row_named(const Table& table, const std::string& name) {
  return *std::find_if(std::begin(table), std::end(table), [&](const auto& row) { return row.name == name; });
}

bool has_algorithm(int number) {
  return std::any_of(std::begin(algorithms), std::end(algorithms), [&](auto& row) { return row.number == number; });
}

core::Bytes decoded(const std::string& text) {
  const auto bytes = core::from_base64url(text);
  if (!bytes) throw std::runtime_error("not base64url: " + text);
  return *bytes;
}

Json options_from_stdin() { return Json::parse(std::cin); }

int first_supported(const Json& options) {
  for (const auto& offered : options.at("pubKeyCredParams")) {
    const int algorithm = offered.at("alg");
    if (has_algorithm(algorithm)) return algorithm;
  }
  throw std::runtime_error("none of the offered algorithms is supported");
}

std::string host_of(const std::string& origin) {
  const auto start = origin.find("://") + 3;
  return origin.substr(start, origin.find_first_of(":/", start) - start);
}

void flip_last(core::Bytes& bytes) { bytes.back() ^= 1; }

void apply_tamper(Ceremony& ceremony, const std::string& what) {
  if (what == "challenge") ceremony.challenge = core::to_base64url(random_bytes(32));
  if (what == "origin") ceremony.origin = "https://evil.example";
  if (what == "rp-id") ceremony.rp_id = "evil.example";
}

core::Bytes content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// An attestation certificate that this issuer has signed, instead of one whose issuer nobody knows.
void vouch(Registration& registration, const std::string& issuer_key) {
  registration.attestation_key = SoftKey::generate(es256);
  CertificateProfile profile;
  profile.aaguid = registration.aaguid;
  registration.x5c_first =
      make_certificate(profile, *registration.attestation_key, SoftKey::from_private_der(es256, content(issuer_key)));
}

Registration registration_for(const Json& options, const Choices& choices) {
  Registration registration;
  registration.origin = choices.origin;
  registration.rp_id = options.at("rp").value("id", host_of(choices.origin));
  registration.challenge = options.at("challenge");
  registration.format = row_named(formats, choices.format).format;
  registration.certificate = profile_of(registration.format);
  registration.credential_id = choices.credential_id.empty() ? random_bytes(32) : decoded(choices.credential_id);
  // U2F knows no user verification (CTAP 2.1 section 7.2)
  registration.flags.user_verified = !choices.no_uv && registration.format != Format::fido_u2f;
  if (!choices.aaguid.empty()) registration.aaguid = decoded(choices.aaguid);
  if (!choices.issuer_key.empty()) vouch(registration, choices.issuer_key);
  apply_tamper(registration, choices.tamper);
  if (choices.tamper == "signature") {
    if (registration.format == Format::none || registration.format == Format::apple)
      throw std::runtime_error("the format has no signature to tamper with");
    registration.edit_attestation_signature = flip_last;
  }
  return registration;
}

bool excluded(const Json& options, const core::Bytes& credential_id) {
  for (const auto& known : options.value("excludeCredentials", Json::array()))
    if (known.at("id") == core::to_base64url(credential_id)) return true;
  return false;
}

void keep(const std::string& file, const SoftKey& key, const Registration& registration, const Json& options) {
  const Json record{{"credential_id", core::to_base64url(registration.credential_id)},
                    {"algorithm", key.algorithm()},
                    {"private_key", core::to_base64url(key.private_der())},
                    {"rp_id", registration.rp_id},
                    {"user_handle", options.at("user").at("id")},
                    {"sign_count", 0}};
  std::ofstream(file) << record.dump() << '\n';
}

int create(const Choices& choices) {
  const Json options = options_from_stdin();
  const Registration registration = registration_for(options, choices);
  if (excluded(options, registration.credential_id)) {
    std::cerr << "soft-authenticator: the credential is excluded\n";
    return excluded_status;
  }
  const SoftKey key = SoftKey::generate(choices.algorithm.empty() ? first_supported(options)
                                                                  : row_named(algorithms, choices.algorithm).number);
  if (!choices.key_file.empty()) keep(choices.key_file, key, registration, options);
  std::cout << make_registration(key, registration) << '\n';
  return 0;
}

Json read_record(const std::string& file) {
  std::ifstream in(file);
  return Json::parse(in);
}

int get(const Choices& choices) {
  const Json options = options_from_stdin();
  Json record = read_record(choices.key_file);
  const SoftKey key = SoftKey::from_private_der(record.at("algorithm"), decoded(record.at("private_key")));
  record["sign_count"] = record.at("sign_count").get<unsigned>() + 1;
  Assertion assertion;
  assertion.origin = choices.origin;
  assertion.rp_id = options.value("rpId", host_of(choices.origin));
  assertion.challenge = options.at("challenge");
  assertion.credential_id = decoded(record.at("credential_id"));
  assertion.user_handle = decoded(record.at("user_handle"));
  assertion.flags.user_verified = !choices.no_uv;
  assertion.sign_count = record.at("sign_count");
  apply_tamper(assertion, choices.tamper);
  if (choices.tamper == "signature") assertion.edit_signature = flip_last;
  std::ofstream(choices.key_file) << record.dump() << '\n';
  std::cout << make_assertion(key, assertion) << '\n';
  return 0;
}

void take_choices(CLI::App& verb, Choices& choices) {
  verb.add_option("--origin", choices.origin, "the page's origin")->required();
  verb.add_option("--tamper", choices.tamper)->check(CLI::IsMember({"challenge", "origin", "signature", "rp-id"}));
  verb.add_flag("--no-uv", choices.no_uv, "leave the user unverified");
}

}  // namespace

int main(int argc, char** argv) try {
  Choices choices;
  CLI::App app("A software authenticator for tests");
  app.require_subcommand(1);
  CLI::App& making = *app.add_subcommand("create", "PublicKeyCredentialCreationOptionsJSON to a registration");
  take_choices(making, choices);
  making.add_option("--format", choices.format)->check(CLI::IsMember(names(formats)));
  making.add_option("--algorithm", choices.algorithm)->check(CLI::IsMember(names(algorithms)));
  making.add_option("--credential-id", choices.credential_id, "base64url; default: random");
  making.add_option("--key-file", choices.key_file, "keep the private key there");
  making.add_option("--aaguid", choices.aaguid, "16 bytes in base64url; default: zeros");
  making.add_option("--issuer-key", choices.issuer_key,
                    "private P-256 key in DER that signs the attestation certificate as Soft Attestation CA");
  CLI::App& getting = *app.add_subcommand("get", "PublicKeyCredentialRequestOptionsJSON to an assertion");
  take_choices(getting, choices);
  getting.add_option("--key-file", choices.key_file, "as written by create; its counter goes up")->required();
  CLI11_PARSE(app, argc, argv);
  return making.parsed() ? create(choices) : get(choices);
} catch (const std::exception& error) {
  std::cerr << "soft-authenticator: " << error.what() << '\n';
  return 1;
}
