// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/verifying_key.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using webauthn::VerifyingKey;

namespace {

using Entries = cbor::Entries;

core::Bytes part(const core::Bytes& point, int index) {
  return {point.begin() + 1 + 32 * index, point.begin() + 33 + 32 * index};
}

Entries ec2() {
  const core::Bytes point = key_of(es256).uncompressed();
  return {{cbor::integer(1), cbor::integer(2)},
          {cbor::integer(3), cbor::integer(es256)},
          {cbor::integer(-1), cbor::integer(1)},
          {cbor::integer(-2), cbor::bytes(part(point, 0))},
          {cbor::integer(-3), cbor::bytes(part(point, 1))}};
}

Entries rsa(core::Bytes modulus, core::Bytes exponent, int algorithm = rs256) {
  return {{cbor::integer(1), cbor::integer(3)},
          {cbor::integer(3), cbor::integer(algorithm)},
          {cbor::integer(-1), cbor::bytes(modulus)},
          {cbor::integer(-2), cbor::bytes(exponent)}};
}

Entries okp(core::Bytes point) {
  return {{cbor::integer(1), cbor::integer(1)},
          {cbor::integer(3), cbor::integer(eddsa)},
          {cbor::integer(-1), cbor::integer(6)},
          {cbor::integer(-2), cbor::bytes(point)}};
}

bool valid(const Entries& entries) { return VerifyingKey::from_cose(cbor::map(entries)).has_value(); }

}  // namespace

TEST_CASE("an EC key is valid in any order of its members, and with more of them") {
  Entries key = ec2();
  std::swap(key.front(), key.back());
  key.emplace_back(cbor::integer(2), cbor::bytes(core::Bytes{1}));
  CHECK(valid(key));
}

TEST_CASE("an EC key that breaks a rule is not valid") {
  Entries key = ec2();
  REQUIRE(valid(key));
  SECTION("type of key") { key[0].second = cbor::integer(1); }
  SECTION("no type of key") { key.erase(key.begin()); }
  SECTION("no algorithm") { key.erase(key.begin() + 1); }
  SECTION("an algorithm of another curve") { key[1].second = cbor::integer(es384); }
  SECTION("another curve") { key[2].second = cbor::integer(2); }
  SECTION("curve is a text") { key[2].second = cbor::text("P-256"); }
  SECTION("off the curve") { key[4].second.back() ^= 1; }
  SECTION("no x") { key.erase(key.begin() + 3); }
  SECTION("y is a sign bit") { key[4].second = {0xf5}; }
  SECTION("a short x") { key[3].second = cbor::bytes(core::Bytes(31, 1)); }
  SECTION("a long y") { key[4].second = cbor::bytes(core::Bytes(33, 1)); }
  SECTION("the point at infinity") { key[3].second = key[4].second = cbor::bytes(core::Bytes(32, 0)); }
  SECTION("no coordinates") { key[3].second = key[4].second = cbor::bytes({}); }
  SECTION("a private key") { key.emplace_back(cbor::integer(-4), cbor::bytes(core::Bytes(32, 1))); }
  CHECK_FALSE(valid(key));
}

TEST_CASE("an EC coordinate that is not reduced is not valid") {
  // x = 5 is on P-256; p + 5 fits 32 bytes and stands for the same field element
  const core::Bytes y{0x45, 0x92, 0x43, 0xb9, 0xaa, 0x58, 0x18, 0x06, 0xfe, 0x91, 0x3b, 0xce, 0x99, 0x81, 0x7a, 0xde,
                      0x11, 0xca, 0x50, 0x3c, 0x64, 0xd9, 0xa3, 0xc5, 0x33, 0x41, 0x5c, 0x08, 0x32, 0x48, 0xfb, 0xcc};
  core::Bytes x(32, 0);
  x.back() = 5;
  Entries key = ec2();
  key[3].second = cbor::bytes(x);
  key[4].second = cbor::bytes(y);
  CHECK(valid(key));
  const core::Bytes x_plus_p{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
                             0,    0,    0,    1,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4};
  key[3].second = cbor::bytes(x_plus_p);
  CHECK_FALSE(valid(key));
}

TEST_CASE("an EC point is not one whose bytes are split between its coordinates elsewhere") {
  core::Bytes point = key_of(es256).uncompressed();
  const core::ByteView all = core::ByteView(point).subspan(1);
  const auto load = [](core::ByteView x, core::ByteView y) {
    return webauthn::EcKey::load(webauthn::Curve::p256, x, y);
  };
  REQUIRE(load(all.first(32), all.subspan(32)));
  CHECK_FALSE(load(all.first(33), all.subspan(33)));
  CHECK_FALSE(load(all.first(31), all.subspan(31)));
  core::Bytes longer(all.begin(), all.end());
  longer.push_back(0);
  const core::ByteView more = longer;
  CHECK_FALSE(load(more.first(33), more.subspan(33)));
  CHECK_FALSE(load(more.first(32), more.subspan(32)));
}

TEST_CASE("an Ed25519 point has 32 bytes") {
  const core::Bytes cose = key_of(eddsa).cose();
  REQUIRE(VerifyingKey::from_cose(core::ByteView(cose)));
  core::Bytes point(cose.end() - 32, cose.end());
  REQUIRE(valid(okp(point)));
  point.push_back(0);
  CHECK_FALSE(valid(okp(point)));
  point.resize(31);
  CHECK_FALSE(valid(okp(point)));
}

TEST_CASE("an RSA key has a modulus of 2,048 to 8,192 bits and a sound exponent") {
  const core::Bytes e{1, 0, 1};
  const auto modulus = [](std::size_t size, std::uint8_t first = 0x80, std::uint8_t last = 1) {
    core::Bytes out(size, 0xab);
    out.front() = first;
    out.back() = last;
    return out;
  };
  CHECK(valid(rsa(modulus(256), e)));
  CHECK(valid(rsa(modulus(436, 0x03), e)));
  CHECK(valid(rsa(modulus(1024), e)));
  CHECK(valid(rsa(modulus(256), {3})));
  CHECK(valid(rsa(modulus(256), {1, 1})));
  CHECK(valid(rsa(modulus(256), {0xff, 0xff, 0xff, 0xff})));
  CHECK_FALSE(valid(rsa(modulus(255), e)));
  CHECK_FALSE(valid(rsa(modulus(256, 0x7f), e)));
  CHECK_FALSE(valid(rsa(modulus(1025), e)));
  CHECK_FALSE(valid(rsa(modulus(2048), e)));
  CHECK_FALSE(valid(rsa(modulus(257, 0x00), e)));
  CHECK_FALSE(valid(rsa(modulus(256, 0x80, 2), e)));
  CHECK_FALSE(valid(rsa(modulus(256), {1})));
  CHECK_FALSE(valid(rsa(modulus(256), {4})));
  CHECK_FALSE(valid(rsa(modulus(256), {})));
  CHECK_FALSE(valid(rsa(modulus(256), {0, 1, 0, 1})));
  CHECK_FALSE(valid(rsa(modulus(256), {1, 0, 0, 0, 1})));
}

TEST_CASE("an RSA key is for RS256 or PS256 signatures, and for no others") {
  core::Bytes modulus(256, 0xab);
  for (const int algorithm : {rs256, ps256}) CHECK(valid(rsa(modulus, {1, 0, 1}, algorithm)));
  for (const int algorithm : {rs1, -258, -259, -38, -39, es256, eddsa})
    CHECK_FALSE(valid(rsa(modulus, {1, 0, 1}, algorithm)));
}

TEST_CASE("the supported algorithms are those of the policy") {
  for (const int algorithm : {es256, eddsa, es384, es512, ps256, rs256}) CHECK(webauthn::supported(algorithm));
  // RS1, RS384, RS512, PS384, PS512, ES256K, Ed448, nothing
  for (const int algorithm : {rs1, -258, -259, -38, -39, -47, -53, 0}) CHECK_FALSE(webauthn::supported(algorithm));
}

TEST_CASE("a PS256 signature has SHA-256 and a salt of 32 bytes") {
  const SoftKey& soft = key_of(ps256);
  const auto key = VerifyingKey::from_cose(soft.cose());
  const core::Bytes message{1, 2, 3};
  core::Bytes signature = soft.sign(message);
  CHECK(key->verify({message}, signature));
  for (const int salt : {0, 20, 31, 33, 64}) CHECK_FALSE(key->verify({message}, soft.sign_pss(message, salt)));
  CHECK_FALSE(key->verify({message}, key_of(rs256).sign(message)));
  CHECK_FALSE(VerifyingKey::from_cose(key_of(rs256).cose())->verify({message}, signature));
  CHECK_FALSE(key->verify({core::Bytes{1, 2}}, signature));
  signature.push_back(0);
  CHECK_FALSE(key->verify({message}, signature));
}

TEST_CASE("keys are equal when they are one, whatever they are used with") {
  const int algorithm = GENERATE(es256, eddsa, es384, rs256);
  const auto key = [](const SoftKey& soft) { return VerifyingKey::from_cose(soft.cose())->key(); };
  CHECK(key(key_of(algorithm)) == key(key_of(algorithm)));
  CHECK(key(key_of(algorithm)) != key(SoftKey::generate(algorithm)));
  CHECK(key(key_of(algorithm)) != key(key_of(es512)));
  CHECK(key(key_of(rs256)) == key(key_of(ps256)));
}

TEST_CASE("an RSA key of an odd size verifies") {
  const SoftKey key = SoftKey::generate(rs256, 2'051);
  const core::Bytes message{1, 2, 3};
  CHECK(VerifyingKey::from_cose(key.cose())->verify({message}, key.sign(message)));
}

TEST_CASE("an Ed25519 key is a point of the large group, written the one way") {
  CHECK(VerifyingKey::from_cose(key_of(eddsa).cose()).has_value());
  core::Bytes identity(32, 0);
  identity[0] = 1;
  CHECK_FALSE(valid(okp(identity)));
  CHECK_FALSE(valid(okp(core::Bytes(32, 0))));
  CHECK_FALSE(valid(okp(core::Bytes(31, 1))));
  core::Bytes above_p(32, 0xff);  // y = p + 4, the same point as y = 4
  above_p[0] = 0xf1;
  above_p[31] = 0x7f;
  CHECK_FALSE(valid(okp(above_p)));
}

TEST_CASE("an Ed25519 key of small order verifies nothing, even where its check is left out") {
  core::Bytes identity(32, 0);
  identity[0] = 1;
  const auto key = VerifyingKey::from_cose(cbor::map(okp(identity)), webauthn::KeyCheck::done_before);
  REQUIRE(key.has_value());
  core::Bytes signature(64, 0);  // R the identity, S zero: plain arithmetic would accept it for any message
  signature[0] = 1;
  CHECK_FALSE(key->verify({core::Bytes{1, 2, 3}}, signature));
}

TEST_CASE("a message in parts verifies as the whole") {
  const int algorithm = GENERATE(es256, eddsa, rs256, es384, es512, ps256);
  const core::Bytes whole{1, 2, 3, 4, 5}, first{1, 2}, second{3, 4, 5};
  const auto key = VerifyingKey::from_cose(key_of(algorithm).cose());
  const core::Bytes signature = key_of(algorithm).sign(whole);
  CHECK(key->verify({first, {}, second}, signature));
  CHECK_FALSE(key->verify({second, first}, signature));
}

TEST_CASE("an Ed25519 key that breaks a rule is not valid") {
  const core::Bytes der = key_of(eddsa).public_der();  // ends with the point
  Entries key = okp({der.end() - 32, der.end()});
  REQUIRE(valid(key));
  SECTION("type of key") { key[0].second = cbor::integer(2); }
  SECTION("another curve") { key[2].second = cbor::integer(7); }
  SECTION("no point") { key.pop_back(); }
  SECTION("a private key") { key.emplace_back(cbor::integer(-4), cbor::bytes(core::Bytes(32, 1))); }
  CHECK_FALSE(valid(key));
}

TEST_CASE("an RSA key that breaks a rule is not valid") {
  core::Bytes modulus(256, 0xab);
  Entries key = rsa(modulus, {1, 0, 1});
  REQUIRE(valid(key));
  SECTION("type of key") { key[0].second = cbor::integer(2); }
  SECTION("no modulus") { key.erase(key.begin() + 2); }
  SECTION("no exponent") { key.pop_back(); }
  SECTION("a private key") { key.emplace_back(cbor::integer(-3), cbor::bytes(core::Bytes(32, 1))); }
  CHECK_FALSE(valid(key));
}

TEST_CASE("an algorithm beyond 32 bits is none") {
  Entries key = ec2();
  for (const std::int64_t number : {std::int64_t{-7} + (std::int64_t{1} << 32), -(std::int64_t{1} << 32) - 7}) {
    key[1].second = cbor::integer(number);
    const core::Bytes encoded = cbor::map(key);
    CHECK_FALSE(webauthn::cose_algorithm(*webauthn::read_whole_cbor(encoded)));
  }
}
