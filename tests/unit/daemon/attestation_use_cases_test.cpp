// SPDX-License-Identifier: Apache-2.0
// What the attestation policy does to the use cases. How it judges is tested beside the verifier.
#include "tests/support/catch.hpp"
#include "tests/support/metadata_blob.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);
const core::Bytes first(32, 0x11);

ipc::Dict verification(const Begun& registration, core::ByteView credential_id) {
  return {{"passkey_id", registration.id},
          {"public_key_credential", registration_for(registration, credential_id)},
          {"passkey_name", "fob"}};
}

ipc::Dicts listed(Room& room, const core::Owner& owner) { return items(room.call("ListPasskeys", owner)); }

}  // namespace

TEST_CASE("a browser is asked for the attestation that the policy names") {
  Room room;
  for (const auto& [conveyance, word] : {std::pair{webauthn::AttestationConveyance::none, "none"},
                                         {webauthn::AttestationConveyance::indirect, "indirect"},
                                         {webauthn::AttestationConveyance::direct, "direct"}}) {
    room.policy.attestation = conveyance;
    CHECK(begun(room.call("RegisterPasskey", alice)).options.at("attestation") == word);
  }
}

TEST_CASE("an authenticator that the policy denies is refused like any other failure, and may be exchanged") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  auto policy = std::make_shared<webauthn::AttestationPolicy>();
  policy->denied = {std::string(webauthn::no_aaguid)};
  room.policy.attestation_policy = policy;
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)) == "WEBAU-3Vb9s");
  room.policy.attestation_policy = nullptr;
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)).empty());
}

TEST_CASE("a registration is judged by the policy of when it came, though a reload has replaced it meanwhile") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  room.policy.attestation_policy = std::make_shared<webauthn::AttestationPolicy>();
  ipc::Call call = CallMint::about(alice, verification(registration, first));
  Room::Flight flight{std::move(call), {}};
  flight.plan = room.row("VerifyPasskeyRegistration").use_case(flight.call);
  room.policy.attestation_policy = nullptr;  // the last owner but the call itself
  flight.plan.verify();
  CHECK_NOTHROW(room.land(flight));
}

TEST_CASE("a list names the model of an authenticator where metadata knows it") {
  Room room;
  enrol_passkey(room, alice, first);
  CHECK(text(listed(room, alice).at(0), "authenticatorName").empty());
  MetadataBlob blob;
  blob.payload["entries"] = Json::array({metadata_entry(std::string(webauthn::no_aaguid), "A token of steel", {})});
  webauthn::CertificateChain roots;
  roots.push_back(webauthn::Certificate::read(blob.root_certificate()).value());
  auto policy = std::make_shared<webauthn::AttestationPolicy>();
  room.policy.attestation_policy = policy;
  CHECK(text(listed(room, alice).at(0), "authenticatorName").empty());
  policy->metadata =
      webauthn::Metadata::read(blob.text(), {webauthn::TrustAnchors(roots), "mds.fidoalliance.org"}, room.clock.at);
  CHECK(text(listed(room, alice).at(0), "authenticatorName") == "A token of steel");
  CHECK(text(items(room.call("ListAuthenticationFactors", alice)).at(0), "authenticatorName") == "A token of steel");
}
