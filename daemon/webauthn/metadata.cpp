// SPDX-License-Identifier: Apache-2.0
// FIDO Metadata Service version 3.1, sections 3.1.1 (entries), 3.1.3 (status reports), 3.1.6 (payload). Read on demand:
// icons, which are most of a blob, are skipped without a copy.
#include "daemon/webauthn/metadata.hpp"

#include <openssl/err.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace factord::webauthn {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t max_description = 200;
constexpr std::array<std::string_view, 5> compromises{"REVOKED", "USER_VERIFICATION_BYPASS",
                                                      "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
                                                      "USER_KEY_PHYSICAL_COMPROMISE"};

template <typename T>
T member(simdjson::simdjson_result<T> value, const char* name) {
  T out;
  const auto error = std::move(value).get(out);
  if (error == simdjson::INCORRECT_TYPE || error == simdjson::NUMBER_ERROR)
    throw BlobError(std::string("its member ") + name + " is of the wrong type");
  if (error != simdjson::SUCCESS) throw simdjson::simdjson_error(error);
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

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
  ERR_clear_error();
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[hash[i] >> 4];
    out += digits[hash[i] & 15];
  }
  return out;
}

int number_in(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

// "2026-11-21".
core::Time day(std::string_view text) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const std::chrono::year_month_day date =
      std::chrono::year(shaped ? number_in(text.substr(0, 4)) : -1) /
      std::chrono::month(static_cast<unsigned>(shaped ? number_in(text.substr(5, 2)) : 0)) /
      std::chrono::day(static_cast<unsigned>(shaped ? number_in(text.substr(8, 2)) : 0));
  if (!date.ok() || date.year() < std::chrono::year(1970)) throw BlobError("its member nextUpdate is no date");
  return core::Time(std::chrono::sys_days(date).time_since_epoch());
}

}  // namespace

class MetadataReader {
 public:
  void payload(ondemand::object payload);
  Metadata finish();

 private:
  void entry(ondemand::object entry);
  void statement(ondemand::object statement, MetadataEntry& entry);
  void report(ondemand::object report, MetadataEntry& entry);

  Metadata read_;
  bool numbered_ = false, dated_ = false, listed_ = false;
};

// A certificate that cannot be read vouches for nobody. One vendor's slip must not cost the blob.
void MetadataReader::statement(ondemand::object statement, MetadataEntry& entry) {
  for (auto field : statement) {
    const std::string_view name = field.unescaped_key();
    if (name == "description") {
      const auto text = member(field.value().get_string(), "description");
      if (core::printable(text) && core::code_points(text) <= max_description) entry.description = text;
    } else if (name == "attestationRootCertificates") {
      for (auto item : member(field.value().get_array(), "attestationRootCertificates"))
        if (const auto root = read_base64_certificate(member(item.get_string(), "attestationRootCertificates")))
          entry.roots.push_back(der_of(*root));
    }
  }
}

// A certificate that cannot be read narrows nothing down: then the report is about the whole model.
void MetadataReader::report(ondemand::object report, MetadataEntry& entry) {
  StatusReport out;
  std::optional<Certificate> about;
  for (auto field : report) {
    const std::string_view name = field.unescaped_key();
    if (name == "status") out.status = member(field.value().get_string(), "status");
    if (name == "certificate") about = read_base64_certificate(member(field.value().get_string(), "certificate"));
  }
  if (out.status.empty()) throw BlobError("it has a status report without a status");
  if (std::find(compromises.begin(), compromises.end(), out.status) == compromises.end()) return;
  if (about && out.status == "ATTESTATION_KEY_COMPROMISE") out.certificate = der_of(*about);
  entry.compromises.push_back(std::move(out));
}

// Entries of UAF authenticators have neither AAGUID nor keys, and no use here.
void MetadataReader::entry(ondemand::object entry) {
  MetadataEntry out;
  const std::size_t index = read_.entries_.size();
  for (auto field : entry) {
    const std::string_view name = field.unescaped_key();
    if (name == "aaguid") {
      const auto aaguid = aaguid_named(member(field.value().get_string(), "aaguid"));
      if (!aaguid) throw BlobError("its member aaguid is no UUID");
      read_.by_aaguid_.emplace(*aaguid, index);
    } else if (name == "attestationCertificateKeyIdentifiers") {
      for (auto item : member(field.value().get_array(), "attestationCertificateKeyIdentifiers"))
        read_.by_key_.emplace(lower_case(member(item.get_string(), "attestationCertificateKeyIdentifiers")), index);
    } else if (name == "metadataStatement") {
      statement(member(field.value().get_object(), "metadataStatement"), out);
    } else if (name == "statusReports") {
      for (auto item : member(field.value().get_array(), "statusReports"))
        report(member(item.get_object(), "statusReports"), out);
    }
  }
  read_.entries_.push_back(std::move(out));
}

void MetadataReader::payload(ondemand::object payload) {
  for (auto field : payload) {
    const std::string_view name = field.unescaped_key();
    if (name == "no") {
      read_.number_ = member(field.value().get_uint64(), "no");
      numbered_ = true;
    } else if (name == "nextUpdate") {
      read_.next_update_ = day(member(field.value().get_string(), "nextUpdate"));
      dated_ = true;
    } else if (name == "entries") {
      for (auto item : member(field.value().get_array(), "entries")) entry(member(item.get_object(), "entries"));
      listed_ = true;
    }
  }
}

Metadata MetadataReader::finish() {
  if (!numbered_ || !dated_ || !listed_) throw BlobError("its payload lacks no, nextUpdate or entries");
  return std::move(read_);
}

Metadata Metadata::read(std::string_view blob, const JwsSigner& signer, core::Time at) try {
  core::Bytes payload = verified_payload(blob, signer, at);
  const std::size_t size = payload.size();
  payload.resize(size + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  auto document = parser.iterate(payload.data(), size, payload.size());
  MetadataReader reader;
  reader.payload(member(document.get_object(), "payload"));
  return reader.finish();
} catch (const simdjson::simdjson_error&) {
  throw BlobError("its payload is not well-formed JSON");
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
