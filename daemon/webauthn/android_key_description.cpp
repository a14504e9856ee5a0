// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/android_key_description.hpp"

#include <openssl/asn1.h>

#include <algorithm>
#include <array>

namespace factord::webauthn {
namespace {

struct Element {
  int tag = 0;
  int kind = 0;  // V_ASN1_UNIVERSAL, V_ASN1_CONTEXT_SPECIFIC, …
  bool constructed = false;
  core::ByteView content;

  bool is(int universal_tag) const {
    const bool holds_others = universal_tag == V_ASN1_SEQUENCE || universal_tag == V_ASN1_SET;
    return kind == V_ASN1_UNIVERSAL && tag == universal_tag && constructed == holds_others;
  }
  bool is_explicit_field() const { return kind == V_ASN1_CONTEXT_SPECIFIC && constructed; }
};

// Takes the element at the start of `rest`. Nothing where there is none in DER: for lengths beyond the end, indefinite
// ones, and longer heads than needed.
std::optional<Element> next(core::ByteView& rest) {
  const unsigned char* at = rest.data();
  long size = 0;
  Element out;
  const int flags = ASN1_get_object(&at, &size, &out.tag, &out.kind, static_cast<long>(rest.size()));
  const auto head = static_cast<std::size_t>(at - rest.data());
  const bool definite = (flags & 0x81) == 0;  // 0x80: no element; 0x01: indefinite
  if (!definite) return std::nullopt;
  const auto whole =
      static_cast<std::size_t>(ASN1_object_size(flags & V_ASN1_CONSTRUCTED, static_cast<int>(size), out.tag));
  if (whole != head + static_cast<std::size_t>(size)) return std::nullopt;
  out.constructed = (flags & V_ASN1_CONSTRUCTED) != 0;
  out.content = rest.subspan(head, static_cast<std::size_t>(size));
  rest = rest.subspan(whole);
  return out;
}

// The one element that fills `bytes`, if it is of that universal type.
std::optional<core::ByteView> only(core::ByteView bytes, int tag) {
  const auto element = next(bytes);
  return element && element->is(tag) && bytes.empty() ? std::optional(element->content) : std::nullopt;
}

// Of small numbers, which have one byte in DER. Nothing where `bytes` is not one INTEGER.
std::optional<bool> is_integer(core::ByteView bytes, std::uint8_t wanted) {
  const auto value = only(bytes, V_ASN1_INTEGER);
  return value ? std::optional(std::ranges::equal(*value, std::array{wanted})) : std::nullopt;
}

// `field` is EXPLICIT SET OF INTEGER.
std::optional<bool> holds_integer(core::ByteView field, std::uint8_t wanted) {
  auto set = only(field, V_ASN1_SET);
  if (!set) return std::nullopt;
  bool found = false;
  while (!set->empty()) {
    const auto item = next(*set);
    if (!item || !item->is(V_ASN1_INTEGER)) return std::nullopt;
    found = found || std::ranges::equal(item->content, std::array{wanted});
  }
  return found;
}

// Tags and values of AuthorizationList.
constexpr int purpose = 1, all_applications = 600, origin = 702;
constexpr std::uint8_t purpose_sign = 2, origin_generated = 0;

struct Authorizations {
  bool for_all_applications = false;
  bool has_origin = false;
  bool other_origin = false;
  bool signs = false;

  // False where the field is not what its tag says.
  bool take(const Element& field) {
    if (!field.is_explicit_field()) return false;
    if (field.tag == purpose) return take_purpose(field.content);
    if (field.tag == origin) return take_origin(field.content);
    for_all_applications = for_all_applications || field.tag == all_applications;
    return true;
  }

 private:
  bool take_purpose(core::ByteView content) {
    const auto found = holds_integer(content, purpose_sign);
    signs = signs || found.value_or(false);
    return found.has_value();
  }

  bool take_origin(core::ByteView content) {
    const auto found = is_integer(content, origin_generated);
    has_origin = true;
    other_origin = other_origin || !found.value_or(false);
    return found.has_value();
  }
};

bool read_list(const Element& list, Authorizations& to) {
  if (!list.is(V_ASN1_SEQUENCE)) return false;
  core::ByteView rest = list.content;
  while (!rest.empty()) {
    const auto field = next(rest);
    if (!field || !to.take(*field)) return false;
  }
  return true;
}

// attestationVersion, attestationSecurityLevel, keyMintVersion, keyMintSecurityLevel, attestationChallenge, uniqueId,
// softwareEnforced, hardwareEnforced
using Members = std::array<Element, 8>;
constexpr std::size_t challenge_member = 4, software_member = 6, hardware_member = 7;

std::optional<Members> read_members(core::ByteView der) {
  auto rest = only(der, V_ASN1_SEQUENCE);
  if (!rest) return std::nullopt;
  Members members;
  for (Element& member : members) {
    const auto element = next(*rest);
    if (!element) return std::nullopt;
    member = *element;
  }
  return rest->empty() ? std::optional(members) : std::nullopt;
}

}  // namespace

std::optional<AndroidKeyDescription> read_android_key_description(core::ByteView der) {
  const auto members = read_members(der);
  if (!members || !(*members)[challenge_member].is(V_ASN1_OCTET_STRING)) return std::nullopt;
  Authorizations both;
  if (!read_list((*members)[software_member], both) || !read_list((*members)[hardware_member], both))
    return std::nullopt;
  return AndroidKeyDescription{(*members)[challenge_member].content, both.for_all_applications,
                               both.has_origin && !both.other_origin, both.signs};
}

}  // namespace factord::webauthn
