// SPDX-License-Identifier: Apache-2.0
#include "tests/support/attestation_certificate.hpp"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

#include "tests/support/der_writer.hpp"

namespace factord::tests {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr const char* issuer_name = "Soft Attestation CA";
constexpr const char* aaguid_oid = "1.3.6.1.4.1.45724.1.1.4";  // id-fido-gen-ce-aaguid

void name(X509_NAME* subject, const char* field, const std::string& value) {
  if (value.empty()) return;
  X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.c_str()), -1,
                             -1, 0);
}

void extend(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  if (extension == nullptr) throw std::runtime_error("cannot make the extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void extend(X509* certificate, const CertificateExtension& with) {
  ASN1_OBJECT* oid = OBJ_txt2obj(with.oid.c_str(), 1);
  ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, with.value.data(), int(with.value.size()));
  X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, oid, with.critical, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(oid);
}

std::time_t seconds(core::Time at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

Certificate start(int version, core::Time not_before, core::Time not_after, const SoftKey& subject) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), version - 1);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds(not_after));
  X509_set_pubkey(certificate.get(), subject.key());
  name(X509_get_issuer_name(certificate.get()), "CN", issuer_name);
  return certificate;
}

core::Bytes finish(X509* certificate, const SoftKey& issuer) {
  const EVP_MD* digest = issuer.algorithm() == eddsa ? nullptr : EVP_sha256();
  if (X509_sign(certificate, issuer.key(), digest) == 0) throw std::runtime_error("cannot sign a certificate");
  core::Bytes der(std::size_t(i2d_X509(certificate, nullptr)));
  auto* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

}  // namespace

CertificateExtension aaguid_extension(core::ByteView aaguid, bool critical) {
  return {aaguid_oid, der::octets(aaguid), critical};  // an OCTET STRING within the extension's own
}

core::Bytes make_certificate(const CertificateProfile& profile, const SoftKey& subject, const SoftKey& issuer) {
  const Certificate certificate = start(profile.version, profile.not_before, profile.not_after, subject);
  X509_NAME* about = X509_get_subject_name(certificate.get());
  name(about, "C", profile.country);
  name(about, "O", profile.organization);
  name(about, "OU", profile.unit);
  name(about, "CN", profile.common_name);
  if (!profile.basic_constraints.empty()) extend(certificate.get(), NID_basic_constraints, profile.basic_constraints);
  if (profile.aaguid) extend(certificate.get(), aaguid_extension(*profile.aaguid, profile.aaguid_critical));
  for (const auto& extension : profile.extensions) extend(certificate.get(), extension);
  return finish(certificate.get(), issuer);
}

core::Bytes make_issuer_certificate(const SoftKey& issuer) {
  const CertificateProfile times;
  const Certificate certificate = start(3, times.not_before, times.not_after, issuer);
  name(X509_get_subject_name(certificate.get()), "CN", issuer_name);
  extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  return finish(certificate.get(), issuer);
}

}  // namespace factord::tests
