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

Bytes big_endian(std::uint64_t value, int size) {
  Bytes out;
  for (int i = size - 1; i >= 0; --i) out.push_back(std::uint8_t(value >> (8 * i)));
  return out;
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

// The chain that goes into x5c, the attestation certificate first.
std::vector<Bytes> chain(const SoftKey& attestation_key, const Registration& registration) {
  const SoftKey issuer = SoftKey::generate(es256);
  CertificateProfile profile = registration.certificate;
  if (registration.format == Format::packed_x5c && !profile.aaguid) profile.aaguid = registration.aaguid;
  std::vector<Bytes> out{
      cbor::bytes(registration.x5c_first.value_or(make_certificate(profile, attestation_key, issuer)))};
  if (registration.send_issuer) out.push_back(cbor::bytes(make_issuer_certificate(issuer)));
  return out;
}

Bytes signature_over(const SoftKey& signer, ByteView message, const Registration& registration) {
  Bytes signature = signer.sign(message);
  edit(registration.edit_attestation_signature, signature);
  return cbor::bytes(signature);
}

cbor::Entries packed(const SoftKey& signer, ByteView message, const Registration& registration) {
  cbor::Entries statement{{cbor::text("alg"), cbor::integer(signer.algorithm())},
                          {cbor::text("sig"), signature_over(signer, message, registration)}};
  if (registration.format == Format::packed_x5c)
    statement.emplace_back(cbor::text("x5c"), cbor::array(chain(signer, registration)));
  return statement;
}

// FIDO U2F raw message formats, section 4.3; WebAuthn Level 3 section 8.6.
cbor::Entries u2f(const SoftKey& key, const SoftKey& signer, ByteView client_data_hash,
                  const Registration& registration) {
  const Bytes message = joined({Bytes{0}, sha256(core::bytes_of(registration.rp_id)), client_data_hash,
                                registration.credential_id, key.uncompressed()});
  return {{cbor::text("sig"), signature_over(signer, message, registration)},
          {cbor::text("x5c"), cbor::array(chain(signer, registration))}};
}

cbor::Entries statement(const SoftKey& key, ByteView data, ByteView hash, const Registration& registration) {
  if (registration.format == Format::none) return {};
  if (registration.format == Format::packed_self) return packed(key, joined({data, hash}), registration);
  const SoftKey signer = registration.attestation_key ? *registration.attestation_key : SoftKey::generate(es256);
  if (registration.format == Format::packed_x5c) return packed(signer, joined({data, hash}), registration);
  return u2f(key, signer, hash, registration);
}

const char* name(Format format) {
  return format == Format::none ? "none" : format == Format::fido_u2f ? "fido-u2f" : "packed";
}

Bytes attestation_object(const Registration& registration, cbor::Entries statement, ByteView data) {
  edit(registration.edit_statement, statement);
  cbor::Entries object{{cbor::text("fmt"), cbor::text(name(registration.format))},
                       {cbor::text("attStmt"), cbor::map(statement)},
                       {cbor::text("authData"), cbor::bytes(data)}};
  edit(registration.edit_attestation_object, object);
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

std::string make_registration(const SoftKey& key, const Registration& registration) {
  const std::string client = client_data(registration, "webauthn.create");
  const Bytes hash = sha256(core::bytes_of(client));
  const Bytes data = authenticator_data(registration, registration.rp_id, attested_data(key, registration));
  const Bytes object = attestation_object(registration, statement(key, data, hash, registration), data);
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
