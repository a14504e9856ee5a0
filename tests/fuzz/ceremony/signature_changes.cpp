// SPDX-License-Identifier: Apache-2.0
// Changes of signatures, and of what was signed after it was: step 21 of section 7.2, and the statements of chapter 8.
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>

#include "tests/fuzz/ceremony/change.hpp"

namespace factord::fuzz {
namespace {

using core::Bytes;
using tests::Format;

bool elliptic(const Scene& scene) { return scene.algorithm != tests::rs256 && scene.algorithm != tests::eddsa; }
bool edwards(const Scene& scene) { return scene.algorithm == tests::eddsa; }
// Apple's statement has a certificate alone.
bool signed_statement(const Scene& scene) { return scene.format() != Format::none && scene.format() != Format::apple; }
bool elliptic_statement(const Scene& scene) {
  return scene.format() == Format::packed_self ? elliptic(scene) : signed_statement(scene);
}

void edit_attestation(Scene& scene, std::function<void(Bytes&)> edit) {
  scene.refuse(section_of(scene.format()), "");
  then(scene.registration.edit_attestation_signature, edit);
}

void edit_assertion(Scene& scene, std::function<void(Bytes&)> edit) { then(scene.assertion.edit_signature, edit); }

std::function<void(Bytes&)> broken(Choices& choices) {
  return [choices](Bytes& signature) {
    Choices rest = choices;
    switch (rest.below(6)) {
      case 0:
        signature[rest.below(signature.size())] ^= std::uint8_t(1 << rest.below(8));
        return;
      case 1:
        signature.resize(signature.size() + 1 + rest.below(70));
        return;
      case 2:
        signature.resize(rest.below(signature.size()));
        return;
      case 3:
        signature.insert(signature.begin(), 0);
        return;
      case 4:
        signature.assign(signature.size(), 0);
        return;
      default:
        signature = {0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00};  // r = s = 0
    }
  };
}

// The same numbers in BER that is no DER: a long length, or a zero before r.
std::function<void(Bytes&)> not_der(Choices& choices) {
  return [long_length = choices.flip()](Bytes& signature) {
    const std::size_t head = signature[1] == 0x81 ? 3 : 2;
    if (long_length && head == 2) {
      signature.insert(signature.begin() + 1, 0x81);
    } else if (long_length) {
      signature[1] = 0x82;
      signature.insert(signature.begin() + 2, 0x00);
    } else {
      signature.insert(signature.begin() + static_cast<std::ptrdiff_t>(head) + 2, 0x00);
      ++signature[head + 1];
      ++signature[head - 1];
    }
  };
}

using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;
using Signature = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

Group group_of(int algorithm) {
  const int curve = algorithm == tests::es256   ? NID_X9_62_prime256v1
                    : algorithm == tests::es384 ? NID_secp384r1
                                                : NID_secp521r1;
  return {EC_GROUP_new_by_curve_name(curve), EC_GROUP_free};
}

// n - s verifies as s does: authenticators do not care which of the two they send.
void negate_s(Bytes& der, int algorithm) {
  const unsigned char* at = der.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  BIGNUM* s = BN_new();
  BN_sub(s, EC_GROUP_get0_order(group_of(algorithm).get()), ECDSA_SIG_get0_s(signature.get()));
  ECDSA_SIG_set0(signature.get(), BN_dup(ECDSA_SIG_get0_r(signature.get())), s);
  der.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)));
  unsigned char* out = der.data();
  i2d_ECDSA_SIG(signature.get(), &out);
}

// S + L: the same signature to those who do not compare S with the order of the group.
void add_order(Bytes& signature) {
  static constexpr std::uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                             0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                             0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
}

// Blanks after the object say nothing, but were not signed.
void client_data_after_signing(Scene& scene, Choices&) {
  if (!scene.registering || scene.format() != Format::none) scene.refuse(section_of(scene.format()), "21");
  edit_response_bytes(scene, "clientDataJSON", [](Bytes& text) {
    // Never longer than may be, where that is what it was padded to
    if (!text.empty() && text.back() == ' ')
      text.back() = '\n';
    else
      text.push_back(' ');
  });
}

const Change changes[] = {
    {"a signature that is none", Part::signature, unfit, "21",
     [](Scene& scene, Choices& choices) { edit_assertion(scene, broken(choices)); }},
    {"an ECDSA signature that is no DER", Part::signature, unfit, "21",
     [](Scene& scene, Choices& choices) { edit_assertion(scene, not_der(choices)); }, elliptic},
    {"the other s of an ECDSA signature", Part::signature, unfit, accepted,
     [](Scene& scene, Choices&) {
       edit_assertion(scene, [algorithm = scene.algorithm](Bytes& signature) { negate_s(signature, algorithm); });
     },
     elliptic},
    {"an Ed25519 signature with S beyond the order", Part::signature, unfit, "21",
     [](Scene& scene, Choices&) { edit_assertion(scene, add_order); }, edwards},
    {"the record of another key", Part::key, unfit, "21",
     [](Scene& scene, Choices&) { scene.record.public_key = other_key_of(scene.algorithm).cose(); }},
    {"a record without a key", Part::key, unfit, "21",
     [](Scene& scene, Choices& choices) { scene.record.public_key.resize(choices.below(20)); }},
    {"a flag changed after signing", Part::after_signing, unfit, "21",
     [](Scene& scene, Choices&) {
       edit_response_bytes(scene, "authenticatorData", [](Bytes& data) {
         if (data.size() > 32) data[32] ^= 0x20;
       });
     }},
    {"client data changed after signing", Part::after_signing, judged, judged, client_data_after_signing},
    {"an attestation signature that is none", Part::attestation_signature, judged, unfit,
     [](Scene& scene, Choices& choices) { edit_attestation(scene, broken(choices)); }, signed_statement},
    {"an attestation signature that is no DER", Part::attestation_signature, judged, unfit,
     [](Scene& scene, Choices& choices) { edit_attestation(scene, not_der(choices)); }, elliptic_statement},
};

}  // namespace

std::span<const Change> signature_changes() { return changes; }

}  // namespace factord::fuzz
