// SPDX-License-Identifier: Apache-2.0
// The attestation statement of one format, FORMAT. Input: the hash of the client data (32 bytes), then the attestation
// object, whose own "fmt" does not count. A statement that vouches for something does not vouch for anything else.
#include "daemon/webauthn/attestation.hpp"
#include "tests/fuzz/oracle.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;

constexpr std::string_view format = FORMAT;

bool accepted(const CborValue& statement, const AuthenticatorData& data, const VerifyingKey& key, core::ByteView hash) {
  return std::holds_alternative<Attestation>(judge_attestation(format, statement, {data, key, hash}));
}

// All parts of a compound statement may be of format none, which vouches for nothing.
bool vouches(const CborValue& statement) {
  if (format != "compound") return format != "none";
  for (const CborValue& part : statement.items())
    if (part.find("fmt")->text() != "none") return true;
  return false;
}

void judge(const CborValue& statement, const AuthenticatorData& data, core::ByteView hash) {
  const auto key = VerifyingKey::from_cose(data.attested->public_key);
  if (!key || !accepted(statement, data, *key, hash)) return;
  promise(accepted(statement, data, *key, hash), "judged again it is the same");
  const auto kind = format == "compound" ? CborValue::Kind::array : CborValue::Kind::map;
  promise(statement.is(kind), "a statement is a map, a compound one a list");
  if (format == "none") promise(statement.empty(), "none says nothing");
  if (!vouches(statement)) return;
  core::Bytes other(hash.begin(), hash.end());
  other.back() ^= 1;
  promise(!accepted(statement, data, *key, other), "a statement is bound to the client data");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  core::ByteView rest(data, size);
  const core::ByteView hash = fuzz::take(rest, 32);
  const auto object = webauthn::read_whole_cbor(rest);
  if (hash.size() != 32 || !object) return 0;
  fuzz::promise(webauthn::known_attestation_format(FORMAT), "the format is a known one");
  const auto statement = object->find("attStmt");
  const auto bytes = object->find_bytes("authData");
  const auto read = bytes ? webauthn::read_authenticator_data(*bytes) : std::nullopt;
  if (statement && read && read->attested) fuzz::judge(*statement, *read, hash);
  return 0;
}
