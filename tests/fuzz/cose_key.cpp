// SPDX-License-Identifier: Apache-2.0
// A COSE key with a signature of it. Input: key and signature, each with its size in two bytes before it, then the
// message.
#include "daemon/webauthn/verifying_key.hpp"
#include "tests/fuzz/oracle.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;

void verify(const VerifyingKey& key, core::ByteView message, core::ByteView signature) {
  if (!key.verify({message}, signature)) return;
  const std::size_t half = message.size() / 2;
  promise(key.verify({message.first(half), message.subspan(half)}, signature), "a message may come in parts");
  promise(!key.verify({with_a_byte_more(message)}, signature), "a signature is of one message");
  promise(!key.verify({message}, with_a_byte_more(signature)), "a signature has no byte more");
  promise(!key.verify({message}, signature.first(signature.size() - 1)), "a signature has no byte less");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  core::ByteView message(data, size);
  const core::ByteView encoded = fuzz::take_sized(message);
  const core::ByteView signature = fuzz::take_sized(message);
  const auto key = webauthn::VerifyingKey::from_cose(encoded);
  const auto trusted = webauthn::VerifyingKey::from_cose(encoded, webauthn::KeyCheck::done_before);
  fuzz::promise(!key || trusted, "a key that passes the full check passes the short one");
  if (!trusted) return 0;
  fuzz::promise(webauthn::supported(trusted->algorithm()), "a key is for a supported algorithm");
  fuzz::promise(!webauthn::VerifyingKey::from_cose(fuzz::with_a_byte_more(encoded)), "no byte is left over");
  if (key) fuzz::verify(*key, message, signature);
  return 0;
}
