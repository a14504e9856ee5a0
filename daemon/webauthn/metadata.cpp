// SPDX-License-Identifier: Apache-2.0
// FIDO Metadata Service version 3.1, sections 3.1.1 (entries), 3.1.3 (status reports), 3.1.6 (payload).
#include "daemon/webauthn/metadata.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "daemon/webauthn/openssl.hpp"

namespace factord::webauthn {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_description = 200;
constexpr std::array<std::string_view, 5> compromises{"REVOKED", "USER_VERIFICATION_BYPASS",
                                                      "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
                                                      "USER_KEY_PHYSICAL_COMPROMISE"};

void require(bool fits, const char* name) {
  if (!fits) throw BlobError(std::string("its member ") + name + " is of the wrong type");
}

// Null where there is none.
const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_of(const Json& value, const char* name) {
  require(value.is_string(), name);
  return value.get_ref<const std::string&>();
}

std::optional<std::string_view> text_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value == nullptr ? std::nullopt : std::optional(text_of(*value, name));
}

// Calls with every element of the array of that name, if there is one.
template <typename Take>
void each(const Json& object, const char* name, Take take) {
  const Json* array = member(object, name);
  if (array == nullptr) return;
  require(array->is_array(), name);
  for (const Json& item : *array) take(item);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

core::Bytes der_of(const Certificate& certificate) {
  core::Bytes der(static_cast<std::size_t>(i2d_X509(certificate.x509(), nullptr)));
  unsigned char* at = der.data();
  i2d_X509(certificate.x509(), &at);
  return der;
}

// RFC 5280 section 4.2.1.2, method 1: SHA-1 of the key's bits.
std::string key_identifier(const Certificate& certificate) {
  static constexpr char digits[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  X509_pubkey_digest(certificate.x509(), EVP_sha1(), hash.data(), &size);
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[hash[i] >> 4];
    out += digits[hash[i] & 15];
  }
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

int number_in(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = 10 * value + (c - '0');
  return value;
}

// As ISO 8601 writes days, "2026-11-21".
core::Time day(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00";
  const bool shaped = std::equal(text.begin(), text.end(), shape.begin(), shape.end(),
                                 [](char c, char wanted) { return wanted == '-' ? c == '-' : is_digit(c); });
  if (!shaped) throw BlobError("its member nextUpdate is no date");
  const std::chrono::year_month_day date = std::chrono::year(number_in(text.substr(0, 4))) /
                                           std::chrono::month(static_cast<unsigned>(number_in(text.substr(5, 2)))) /
                                           std::chrono::day(static_cast<unsigned>(number_in(text.substr(8))));
  if (!date.ok() || date.year() < std::chrono::year(1970)) throw BlobError("its member nextUpdate is no date");
  return core::Time(std::chrono::sys_days(date).time_since_epoch());
}

}  // namespace

class MetadataReader {
 public:
  Metadata payload(const Json& payload);

 private:
  void entry(const Json& entry);

  Metadata read_;
};

namespace {

// A certificate that cannot be read vouches for nobody. One vendor's slip must not cost the blob.
void read_statement(const Json& statement, MetadataEntry& entry) {
  require(statement.is_object(), "metadataStatement");
  const auto text = text_member(statement, "description").value_or("");
  if (core::printable(text) && core::code_points(text) <= max_description) entry.description = text;
  constexpr auto roots = "attestationRootCertificates";
  each(statement, roots, [&](const Json& item) {
    if (const auto root = read_base64_certificate(text_of(item, roots))) entry.roots.push_back(der_of(*root));
  });
}

// A certificate that cannot be read narrows nothing down: then the report is about the whole model.
void read_report(const Json& report, MetadataEntry& entry) {
  require(report.is_object(), "statusReports");
  StatusReport out;
  out.status = text_member(report, "status").value_or("");
  const auto about = text_member(report, "certificate");
  if (out.status.empty()) throw BlobError("it has a status report without a status");
  if (std::find(compromises.begin(), compromises.end(), out.status) == compromises.end()) return;
  if (about && out.status == "ATTESTATION_KEY_COMPROMISE")
    if (const auto certificate = read_base64_certificate(*about)) out.certificate = der_of(*certificate);
  entry.compromises.push_back(std::move(out));
}

}  // namespace

// Entries of UAF authenticators have neither AAGUID nor keys, and no use here.
void MetadataReader::entry(const Json& entry) {
  require(entry.is_object(), "entries");
  MetadataEntry out;
  const std::size_t index = read_.entries_.size();
  if (const auto text = text_member(entry, "aaguid")) {
    const auto aaguid = aaguid_named(*text);
    if (!aaguid) throw BlobError("its member aaguid is no UUID");
    read_.by_aaguid_.emplace(*aaguid, index);
  }
  constexpr auto keys = "attestationCertificateKeyIdentifiers";
  each(entry, keys, [&](const Json& item) { read_.by_key_.emplace(lower_case(text_of(item, keys)), index); });
  if (const Json* statement = member(entry, "metadataStatement")) read_statement(*statement, out);
  each(entry, "statusReports", [&](const Json& item) { read_report(item, out); });
  read_.entries_.push_back(std::move(out));
}

Metadata MetadataReader::payload(const Json& payload) {
  require(payload.is_object(), "payload");
  const Json* number = member(payload, "no");
  const auto next_update = text_member(payload, "nextUpdate");
  if (number == nullptr || !next_update || member(payload, "entries") == nullptr)
    throw BlobError("its payload lacks no, nextUpdate or entries");
  require(number->is_number_unsigned(), "no");
  read_.number_ = *number;
  read_.next_update_ = day(*next_update);
  each(payload, "entries", [&](const Json& item) { entry(item); });
  return std::move(read_);
}

Metadata Metadata::read(std::string_view blob, const JwsSigner& signer, core::Time at) {
  const ErrorsForgotten errors;
  const core::Bytes payload = verified_payload(blob, signer, at);
  // The library takes a zero byte for the end. Its parser and its values keep no call for each level
  const Json read = std::find(payload.begin(), payload.end(), 0) == payload.end()
                        ? Json::parse(payload.begin(), payload.end(), nullptr, false)
                        : Json(Json::value_t::discarded);
  if (read.is_discarded()) throw BlobError("its payload is not well-formed JSON");
  return MetadataReader().payload(read);
}

std::vector<const MetadataEntry*> Metadata::entries(std::string_view aaguid,
                                                    const std::vector<CertificateChain>& paths) const {
  std::vector<const MetadataEntry*> found;
  const auto add = [&](const auto& index, std::string_view name) {
    const auto [first, last] = index.equal_range(name);
    for (auto at = first; at != last; ++at) found.push_back(&entries_[at->second]);
  };
  add(by_aaguid_, aaguid);
  if (aaguid != no_aaguid) return found;
  for (const CertificateChain& path : paths)
    for (const Certificate& certificate : path) add(by_key_, key_identifier(certificate));
  return found;
}

std::string_view Metadata::description(std::string_view aaguid) const {
  const auto found = by_aaguid_.find(aaguid);
  return found == by_aaguid_.end() ? std::string_view() : entries_[found->second].description;
}

std::optional<std::string> aaguid_named(std::string_view text) {
  constexpr std::string_view shape = "00000000-0000-0000-0000-000000000000";
  std::string out = lower_case(text);
  const bool good = std::equal(out.begin(), out.end(), shape.begin(), shape.end(),
                               [](char c, char wanted) { return wanted == '-' ? c == '-' : is_hexadecimal(c); });
  return good ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace factord::webauthn
