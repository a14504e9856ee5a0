// SPDX-License-Identifier: Apache-2.0
#include "tests/support/authenticator.hpp"

#include "core/base64url.hpp"

namespace factord::tests {
namespace {

using core::Bytes;
using core::ByteView;

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (ByteView part : parts) cbor::append(out, part);
  return out;
}

template <typename Function, typename Value>
void edit(const Function& function, Value& value) {
  if (function) function(value);
}

std::string client_data(const Ceremony& ceremony, const char* type) {
  Json data{{"type", type}, {"challenge", ceremony.challenge}, {"origin", ceremony.origin}, {"crossOrigin", false}};
  edit(ceremony.edit_client_data, data);
  std::string text = data.dump();
  edit(ceremony.edit_client_data_text, text);
  return text;
}

std::uint8_t flag_byte(const Ceremony& ceremony, bool attested) {
  const Flags& flags = ceremony.flags;
  return std::uint8_t(flags.user_present | flags.user_verified << 2 | flags.backup_eligible << 3 |
                      flags.backed_up << 4 | attested << 6 | !ceremony.extensions.empty() << 7);
}

Bytes authenticator_data(const Ceremony& ceremony, std::string_view rp_id, ByteView attested) {
  Bytes data = joined({sha256(core::bytes_of(rp_id)), Bytes{flag_byte(ceremony, !attested.empty())},
                       big_endian(ceremony.sign_count, 4), attested, ceremony.extensions});
  edit(ceremony.edit_authenticator_data, data);
  return data;
}

Bytes attested_data(const SoftKey& key, const Registration& registration) {
  const Bytes cose = registration.cose_key.value_or(key.cose());
  return joined(
      {registration.aaguid, big_endian(registration.credential_id.size(), 2), registration.credential_id, cose});
}

// What a statement is about.
struct Made {
  const SoftKey& key;
  ByteView data;
  ByteView client_data_hash;
  const Registration& registration;

  Bytes attested() const { return joined({data, client_data_hash}); }
};

CertificateProfile profile(Format format, const Made& made) {
  CertificateProfile out = made.registration.certificate;
  const PlatformEdits& edits = made.registration.platform;
  if (format == Format::packed_x5c && !out.aaguid) out.aaguid = made.registration.aaguid;
  if (format == Format::android_key) out.extensions.push_back(android_extension(made.client_data_hash, edits));
  if (format == Format::apple) out.extensions.push_back(apple_extension(sha256(made.attested()), edits));
  return out;
}

// x5c, the certificate for that key first.
Bytes chain(Format format, const SoftKey& subject, const Made& made) {
  const SoftKey issuer = SoftKey::generate(es256);
  std::vector<Bytes> out{cbor::bytes(made.registration.x5c_first
                                         ? *made.registration.x5c_first
                                         : make_certificate(profile(format, made), subject, issuer))};
  if (made.registration.send_issuer) out.push_back(cbor::bytes(make_issuer_certificate(issuer)));
  return cbor::array(out);
}

Bytes signature_over(const SoftKey& signer, ByteView message, const Made& made) {
  Bytes signature = signer.sign(message);
  edit(made.registration.edit_attestation_signature, signature);
  return cbor::bytes(signature);
}

cbor::Entries packed_self(const Made& made) {
  return {{cbor::text("alg"), cbor::integer(made.key.algorithm())},
          {cbor::text("sig"), signature_over(made.key, made.attested(), made)}};
}

// Formats packed and android-key.
cbor::Entries signed_with(Format format, const SoftKey& signer, const Made& made) {
  return {{cbor::text("alg"), cbor::integer(signer.algorithm())},
          {cbor::text("sig"), signature_over(signer, made.attested(), made)},
          {cbor::text("x5c"), chain(format, signer, made)}};
}

// FIDO U2F raw message formats, section 4.3; WebAuthn Level 3 section 8.6.
cbor::Entries u2f(const SoftKey& signer, const Made& made) {
  const Bytes message = joined({Bytes{0}, sha256(core::bytes_of(made.registration.rp_id)), made.client_data_hash,
                                made.registration.credential_id, made.key.uncompressed()});
  return {{cbor::text("sig"), signature_over(signer, message, made)},
          {cbor::text("x5c"), chain(Format::fido_u2f, signer, made)}};
}

cbor::Entries tpm(const SoftKey& signer, const Made& made) {
  SoftTpmPublicArea object = tpm_public_area(made.key);
  edit(made.registration.tpm.public_area, object);
  SoftTpmCertification certification = tpm_certification(object, made.attested(), signer.algorithm());
  edit(made.registration.tpm.certification, certification);
  return {{cbor::text("ver"), cbor::text("2.0")},
          {cbor::text("alg"), cbor::integer(signer.algorithm())},
          {cbor::text("x5c"), chain(Format::tpm, signer, made)},
          {cbor::text("sig"), signature_over(signer, certification.encoded(), made)},
          {cbor::text("certInfo"), cbor::bytes(certification.encoded())},
          {cbor::text("pubArea"), cbor::bytes(object.encoded())}};
}

cbor::Entries members(Format format, const Made& made) {
  const auto& key = made.registration.attestation_key;
  if (format == Format::none) return {};
  if (format == Format::packed_self) return packed_self(made);
  if (format == Format::apple) return {{cbor::text("x5c"), chain(format, key.value_or(made.key), made)}};
  if (format == Format::android_key) return signed_with(format, key.value_or(made.key), made);
  const SoftKey signer = key ? *key : SoftKey::generate(es256);
  if (format == Format::packed_x5c) return signed_with(format, signer, made);
  return format == Format::tpm ? tpm(signer, made) : u2f(signer, made);
}

const char* name(Format format) {
  switch (format) {
    case Format::none:
      return "none";
    case Format::fido_u2f:
      return "fido-u2f";
    case Format::tpm:
      return "tpm";
    case Format::android_key:
      return "android-key";
    case Format::apple:
      return "apple";
    case Format::compound:
      return "compound";
    default:
      return "packed";
  }
}

Bytes statement(Format format, const Made& made);

Bytes compound(const Made& made) {
  std::vector<Bytes> parts;
  for (const Format part : made.registration.parts)
    parts.push_back(
        cbor::map({{cbor::text("fmt"), cbor::text(name(part))}, {cbor::text("attStmt"), statement(part, made)}}));
  edit(made.registration.edit_parts, parts);
  return cbor::array(parts);
}

Bytes statement(Format format, const Made& made) {
  if (format == Format::compound) return compound(made);
  cbor::Entries entries = members(format, made);
  edit(made.registration.edit_statement, entries);
  return cbor::map(entries);
}

Bytes attestation_object(const Made& made) {
  const Format format = made.registration.format;
  cbor::Entries object{{cbor::text("fmt"), cbor::text(name(format))},
                       {cbor::text("attStmt"), statement(format, made)},
                       {cbor::text("authData"), cbor::bytes(made.data)}};
  edit(made.registration.edit_attestation_object, object);
  return cbor::map(object);
}

std::string credential_json(const Ceremony& ceremony, Json response) {
  const std::string id = core::to_base64url(ceremony.credential_id);
  Json credential{{"id", id},
                  {"rawId", id},
                  {"type", "public-key"},
                  {"authenticatorAttachment", "cross-platform"},
                  {"response", std::move(response)},
                  {"clientExtensionResults", ceremony.client_extension_results}};
  edit(ceremony.edit_credential, credential);
  return credential.dump();
}

}  // namespace

CertificateProfile profile_of(Format format) {
  if (format == Format::tpm) return attestation_identity_profile();
  return format == Format::android_key ? android_profile() : CertificateProfile();
}

std::string make_registration(const SoftKey& key, const Registration& registration) {
  const std::string client = client_data(registration, "webauthn.create");
  const Bytes hash = sha256(core::bytes_of(client));
  const Bytes data = authenticator_data(registration, registration.rp_id, attested_data(key, registration));
  const Bytes object = attestation_object({key, data, hash, registration});
  return credential_json(registration, {{"clientDataJSON", core::to_base64url(core::bytes_of(client))},
                                        {"attestationObject", core::to_base64url(object)},
                                        {"authenticatorData", core::to_base64url(data)},
                                        {"publicKey", core::to_base64url(key.public_der())},
                                        {"publicKeyAlgorithm", key.algorithm()},
                                        {"transports", registration.transports}});
}

std::string make_assertion(const SoftKey& key, const Assertion& assertion) {
  const std::string client = client_data(assertion, "webauthn.get");
  const Bytes data = authenticator_data(assertion, assertion.appid.value_or(assertion.rp_id), {});
  Bytes signature = key.sign(joined({data, sha256(core::bytes_of(client))}));
  edit(assertion.edit_signature, signature);
  Json response{{"clientDataJSON", core::to_base64url(core::bytes_of(client))},
                {"authenticatorData", core::to_base64url(data)},
                {"signature", core::to_base64url(signature)}};
  if (assertion.user_handle) response["userHandle"] = core::to_base64url(*assertion.user_handle);
  Assertion told = assertion;
  if (assertion.appid) told.client_extension_results["appid"] = true;
  return credential_json(told, std::move(response));
}

}  // namespace factord::tests
