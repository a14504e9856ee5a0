// SPDX-License-Identifier: Apache-2.0
#include "tests/support/metadata_blob.hpp"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <memory>
#include <stdexcept>

#include "core/base64url.hpp"

namespace factord::tests {
namespace {

constexpr std::size_t p256_size = 32;

core::Bytes as_jose(const core::Bytes& der) {
  const auto* at = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(d2i_ECDSA_SIG(nullptr, &at, long(der.size())),
                                                                   ECDSA_SIG_free);
  core::Bytes out(2 * p256_size);
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), p256_size);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + p256_size, p256_size);
  return out;
}

core::Bytes sign_pss(const SoftKey& key, core::ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* settings = nullptr;
  std::size_t size = 1024;
  core::Bytes signature(size);
  if (EVP_DigestSignInit(context.get(), &settings, EVP_sha256(), nullptr, key.key()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
    throw std::runtime_error("cannot sign with PSS");
  signature.resize(size);
  return signature;
}

core::Bytes signature_over(const std::string& input, const SoftKey& key, const std::string& algorithm) {
  const auto message = core::bytes_of(input);
  if (algorithm == "PS256") return sign_pss(key, message);
  return key.algorithm() == es256 ? as_jose(key.sign(message)) : key.sign(message);
}

}  // namespace

core::Bytes MetadataBlob::root_certificate() const {
  return make_named_certificate({.subject = "Root", .issuer = "Root", .authority = true}, root, root);
}

core::Bytes MetadataBlob::signer_certificate() const { return make_named_certificate(certificate, key, root); }

std::string MetadataBlob::text() const {
  Json header{{"typ", "JWT"}, {"alg", algorithm}, {"x5c", Json::array({to_base64(signer_certificate())})}};
  if (edit_header) edit_header(header);
  std::string body = payload.dump();
  if (edit_payload_text) edit_payload_text(body);
  std::string encoded = core::to_base64url(core::bytes_of(body));
  if (edit_encoded_payload) edit_encoded_payload(encoded);
  const std::string input = core::to_base64url(core::bytes_of(header.dump())) + '.' + encoded;
  core::Bytes signature = signature_over(input, key, algorithm);
  if (edit_signature) edit_signature(signature);
  return input + '.' + core::to_base64url(signature);
}

Json metadata_entry(const std::string& aaguid, const std::string& description, const std::vector<core::Bytes>& roots) {
  Json certificates = Json::array();
  for (const core::Bytes& root : roots) certificates.push_back(to_base64(root));
  return {{"aaguid", aaguid},
          {"metadataStatement",
           {{"description", description},
            {"protocolFamily", "fido2"},
            {"attestationRootCertificates", std::move(certificates)},
            {"icon", "data:image/png;base64,iVBORw0KGgo="}}},
          {"statusReports", Json::array({Json{{"status", "FIDO_CERTIFIED"}, {"effectiveDate", "2020-01-01"}}})},
          {"timeOfLastStatusChange", "2020-01-01"}};
}

void report(Json& entry, const std::string& status, const core::Bytes& certificate) {
  Json said{{"status", status}, {"effectiveDate", "2021-01-01"}};
  if (!certificate.empty()) said["certificate"] = to_base64(certificate);
  entry["statusReports"].push_back(std::move(said));
}

}  // namespace factord::tests
