// SPDX-License-Identifier: Apache-2.0
// Changes of the credential's public key, in step 13 of section 7.1, and of the algorithms that are offered, step 20.
#include <algorithm>

#include "tests/fuzz/ceremony/change.hpp"
#include "tests/fuzz/ceremony/spellings.hpp"

namespace factord::fuzz {
namespace {

namespace cbor = tests::cbor;
using core::Bytes;
using tests::Format;

constexpr int algorithms[] = {tests::es256, tests::eddsa, tests::rs256, tests::es384, tests::es512};

bool elliptic(const Scene& scene) { return scene.algorithm != tests::rs256 && scene.algorithm != tests::eddsa; }
bool edwards(const Scene& scene) { return scene.algorithm == tests::eddsa; }
bool rsa(const Scene& scene) { return scene.algorithm == tests::rs256; }

Entries own_entries(const Scene& scene) { return entries_of(key_of(scene.algorithm).cose()); }

void use(Scene& scene, const Entries& entries) { scene.registration.cose_key = cbor::map(entries); }

Bytes& value_of(Entries& entries, int label) {
  return std::ranges::find(entries, cbor::integer(label), &Entries::value_type::first)->second;
}

void set(Scene& scene, int label, const Bytes& value) {
  Entries entries = own_entries(scene);
  value_of(entries, label) = value;
  use(scene, entries);
}

void add(Scene& scene, const Bytes& label, const Bytes& value) {
  Entries entries = own_entries(scene);
  entries.emplace_back(label, value);
  use(scene, entries);
}

// The content of a byte string that SoftKey has written.
Bytes content(const Bytes& item) {
  const int head = item[0] == 0x58 ? 2 : item[0] == 0x59 ? 3 : 1;
  return {item.begin() + head, item.end()};
}

Bytes coordinate(const Scene& scene, int label) {
  Entries entries = own_entries(scene);
  return content(value_of(entries, label));
}

void set_bytes(Scene& scene, int label, const Bytes& bytes) { set(scene, label, cbor::bytes(bytes)); }

void another_order(Scene& scene, Choices& choices) {
  Entries entries = own_entries(scene);
  const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(choices.below(entries.size()));
  std::rotate(entries.begin(), middle, entries.end());
  if (choices.flip()) std::ranges::reverse(entries);
  use(scene, entries);
}

void bad_encoding(Scene& scene, Choices& choices) {
  Entries entries = own_entries(scene);
  auto& [label, value] = entries[choices.below(entries.size())];
  const std::size_t where = choices.below(4);
  if (where == 0) return void(scene.registration.cose_key = bad_cbor(cbor::map(entries), choices));
  if (where == 1)
    label = bad_cbor(label, choices);
  else if (where == 2)
    value = bad_cbor(value, choices);
  else
    entries.push_back(entries[choices.below(entries.size())]);
  use(scene, entries);
}

void missing_parameter(Scene& scene, Choices& choices) {
  Entries entries = own_entries(scene);
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(choices.below(entries.size())));
  use(scene, entries);
}

void another_supported_algorithm(Scene& scene, Choices& choices) {
  const int other = choices.of(algorithms);
  set(scene, 3,
      cbor::integer(other == scene.algorithm ? (other == tests::es256 ? tests::es384 : tests::es256) : other));
}

void no_algorithm(Scene& scene, Choices& choices) {
  const Bytes wrong[] = {cbor::text("ES256"),
                         cbor::bytes(Bytes{7}),
                         Bytes{0xf6},
                         cbor::integer(INT64_MIN),
                         cbor::integer(-7 - (std::int64_t{1} << 32)),
                         Bytes{0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  set(scene, 3, choices.of(wrong));
}

// ES256K, Ed448 and others, and numbers that nobody has.
void unsupported_algorithm(Scene& scene, Choices& choices) {
  static constexpr int others[] = {-47, -65535, 0, 1, 7, -70000, 2147483647};
  const int other = choices.of(others);
  set(scene, 3, cbor::integer(other));
  if (choices.flip()) scene.registration_expected.algorithms.push_back(other);
}

void wrong_type_or_curve(Scene& scene, Choices& choices) {
  const bool type = choices.flip() || rsa(scene);
  const Bytes wrong[] = {cbor::integer(0),  cbor::integer(4),    cbor::integer(7),
                         cbor::integer(-1), cbor::text("P-256"), cbor::text("EC2")};
  set(scene, type ? 1 : -1, choices.of(wrong));
}

void private_part(Scene& scene, Choices& choices) {
  add(scene, cbor::integer(rsa(scene) ? -3 : -4), cbor::bytes(Bytes(32, std::uint8_t(choices.below(256)))));
}

void bad_point(Scene& scene, Choices& choices) {
  const int label = choices.flip() ? -2 : -3;
  Bytes bytes = coordinate(scene, label);
  switch (choices.below(6)) {
    case 0:
      bytes[choices.below(bytes.size())] ^= std::uint8_t(1 << choices.below(8));
      break;
    case 1:
      bytes.insert(bytes.begin(), 0);
      break;
    case 2:
      bytes.pop_back();
      break;
    case 3:
      bytes.assign(bytes.size(), 0xff);
      break;
    case 4:
      bytes.clear();
      break;
    default:
      bytes.assign(bytes.size(), 0);
  }
  set_bytes(scene, label, bytes);
}

void compressed_point(Scene& scene, Choices& choices) { set(scene, -3, choices.flip() ? Bytes{0xf5} : Bytes{0xf4}); }

void infinity(Scene& scene, Choices&) {
  Entries entries = own_entries(scene);
  for (const int label : {-2, -3})
    value_of(entries, label) = cbor::bytes(Bytes(content(value_of(entries, label)).size()));
  use(scene, entries);
}

// Points of small order, and y = p, which is no canonical spelling of 0.
void bad_edwards_point(Scene& scene, Choices& choices) {
  Bytes zero(32), one(32), minus_one(32, 0xff), prime(32, 0xff), sign_of_one(32);
  one[0] = sign_of_one[0] = 1;
  sign_of_one[31] = 0x80;
  minus_one[0] = 0xec, minus_one[31] = 0x7f;
  prime[0] = 0xed, prime[31] = 0x7f;
  const Bytes order_8{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
                      0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
  const Bytes own = coordinate(scene, -2);
  Bytes shorter = own, longer = own;
  shorter.pop_back();
  longer.push_back(0);
  const Bytes wrong[] = {zero, one, minus_one, prime, sign_of_one, order_8, shorter, longer, {}};
  set_bytes(scene, -2, choices.of(wrong));
}

void bad_rsa_numbers(Scene& scene, Choices& choices) {
  const Bytes modulus = coordinate(scene, -1);
  Bytes even = modulus, short_one(modulus.begin(), modulus.begin() + 128), leading = modulus;
  even.back() &= 0xfe;
  short_one.back() |= 1;
  leading.insert(leading.begin(), 0);
  const Bytes moduli[] = {even, short_one, leading, {}, Bytes(4096, 0xff)};
  const Bytes exponents[] = {{}, {1}, {0}, {2}, {1, 0, 0}, {0, 1, 0, 1}, {1, 0, 0, 0, 1}};
  if (choices.flip())
    set_bytes(scene, -1, choices.of(moduli));
  else
    set_bytes(scene, -2, choices.of(exponents));
}

// A good key, but not the one that signs. With a packed certificate another key than the credential's signs anyway.
void another_key(Scene& scene, Choices&) {
  scene.registration.cose_key = other_key_of(scene.algorithm).cose();
  if (scene.format() != Format::none && scene.format() != Format::packed_x5c)
    scene.refuse(section_of(scene.format()), "");
}

void algorithm_not_offered(Scene& scene, Choices& choices) {
  auto& offered = scene.registration_expected.algorithms;
  std::erase(offered, scene.algorithm);
  if (choices.flip()) offered.clear();
}

const Change changes[] = {
    {"another order of the key's parameters", Part::key, accepted, unfit, another_order},
    {"parameters of a key that nobody knows", Part::key, accepted, unfit,
     [](Scene& scene, Choices& choices) {
       choices.flip() ? add(scene, cbor::text("x"), cbor::array({})) : add(scene, cbor::integer(-70'001), Bytes{0xf6});
     }},
    {"a key in bad CBOR", Part::key, "13", unfit, bad_encoding},
    {"a parameter of the key is missing", Part::key, "13", unfit, missing_parameter},
    {"a key for another algorithm", Part::key, "13", unfit, another_supported_algorithm},
    {"a key for what is no algorithm", Part::key, "13", unfit, no_algorithm},
    {"a key for an algorithm that is not supported", Part::key, "20", unfit, unsupported_algorithm},
    {"a key of another type or curve", Part::key, "13", unfit, wrong_type_or_curve},
    {"a private key", Part::key, "13", unfit, private_part},
    {"a point off its curve", Part::key, "13", unfit, bad_point, elliptic},
    {"a compressed point", Part::key, "13", unfit, compressed_point, elliptic},
    {"the point at infinity", Part::key, "13", unfit, infinity, elliptic},
    {"an Edwards point of no use", Part::key, "13", unfit, bad_edwards_point, edwards},
    {"numbers that make no RSA key", Part::key, "13", unfit, bad_rsa_numbers, rsa},
    {"another key than the one that signs", Part::key, judged, unfit, another_key},
    {"an algorithm that was not offered", Part::offer, "20", unfit, algorithm_not_offered},
};

}  // namespace

std::span<const Change> key_changes() { return changes; }

}  // namespace factord::fuzz
