// SPDX-License-Identifier: Apache-2.0
#include "tests/support/named_certificate.hpp"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace factord::tests {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

std::time_t seconds(core::Time at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

void name(X509_NAME* to, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                             -1, 0);
}

void extend(X509* certificate, X509_EXTENSION* extension) {
  if (extension == nullptr) throw std::runtime_error("cannot make an extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void extend(X509* certificate, int nid, const std::string& value) {
  extend(certificate, X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
}

void add_critical_unknown(X509* certificate, const std::string& oid) {
  ASN1_OBJECT* object = OBJ_txt2obj(oid.c_str(), 1);
  ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
  extend(certificate, X509_EXTENSION_create_by_OBJ(nullptr, object, 1, value));
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(object);
}

}  // namespace

core::Bytes make_named_certificate(const CertificateNames& names, const SoftKey& subject, const SoftKey& issuer) {
  const Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(names.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds(names.not_after));
  X509_set_pubkey(certificate.get(), subject.key());
  name(X509_get_subject_name(certificate.get()), names.subject);
  name(X509_get_issuer_name(certificate.get()), names.issuer);
  extend(certificate.get(), NID_basic_constraints, names.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!names.dns.empty()) extend(certificate.get(), NID_subject_alt_name, "DNS:" + names.dns);
  if (!names.critical_unknown.empty()) add_critical_unknown(certificate.get(), names.critical_unknown);
  if (X509_sign(certificate.get(), issuer.key(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
  core::Bytes der(std::size_t(i2d_X509(certificate.get(), nullptr)));
  auto* at = der.data();
  i2d_X509(certificate.get(), &at);
  return der;
}

std::string to_base64(core::ByteView bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  out.resize(
      std::size_t(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), int(bytes.size()))));
  return out;
}

std::string to_pem(core::ByteView der) {
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  const std::string text = to_base64(der);
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + '\n';
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace factord::tests
