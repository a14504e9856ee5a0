// SPDX-License-Identifier: Apache-2.0
// Parameter values stay views into the caller's text until one is known not to be the seed.
#include <algorithm>
#include <charconv>

#include "core/base32.hpp"
#include "daemon/otp/otpauth.hpp"
#include "daemon/otp/otpauth_text.hpp"
#include "daemon/otp/percent.hpp"

namespace factord::otp {
namespace {

using Value = std::optional<std::string_view>;

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  return true;
}

bool take_prefix_ignoring_case(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The part before `mark`, which is taken off `text` together with the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const std::string_view part = text.substr(0, text.find(mark));
  text.remove_prefix(part.size() == text.size() ? part.size() : part.size() + 1);
  return part;
}

std::optional<std::string> decoded(std::string_view text, Plus plus) {
  std::string out(text.size(), '\0');
  const auto size = percent_decode(text, plus, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

// The parameters that mean something here. Others (image, color, ...) are ignored without a look at their values.
struct Query {
  Value secret, issuer, algorithm, digits, period, counter;

  Value* slot(std::string_view name) {
    if (name == "secret") return &secret;
    if (name == "issuer") return &issuer;
    if (name == "algorithm") return &algorithm;
    if (name == "digits") return &digits;
    if (name == "period") return &period;
    if (name == "counter") return &counter;
    return nullptr;
  }
};

// Nothing where a parameter comes twice: two readers might each take another one.
std::optional<Query> split_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    Value* const slot = query.slot(take_until(value, '='));
    if (slot == nullptr) continue;
    if (*slot) return std::nullopt;
    *slot = value;
  }
  return query;
}

// The default where the parameter is absent; nothing where it is empty, no plain number, or beyond 64 bits.
std::optional<std::uint64_t> number(Value value, std::uint64_t otherwise) {
  if (!value) return otherwise;
  std::uint64_t parsed = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), parsed);
  if (error != std::errc{} || end != value->data() + value->size()) return std::nullopt;
  return parsed;
}

std::optional<Algorithm> algorithm(Value value) {
  if (!value) return Algorithm::sha1;
  for (const auto& [name, algorithm] : algorithm_names)
    if (equal_ignoring_case(*value, name)) return algorithm;
  return std::nullopt;
}

std::optional<Parameters> parameters(const Query& query) {
  const auto hash = algorithm(query.algorithm);
  const auto digits = number(query.digits, 6), period = number(query.period, 30);
  // Bounded before the conversion, which would wrap 2^32 + 6 to 6.
  if (!hash || !digits || !period || *digits > 8 || *period > 300) return std::nullopt;
  const Parameters read{*hash, static_cast<unsigned>(*digits), static_cast<unsigned>(*period)};
  if (!supported(read)) return std::nullopt;
  return read;
}

std::optional<core::Secret> seed(Value value) {
  if (!value) return std::nullopt;
  core::Secret text(value->size());
  const auto size = percent_decode(*value, Plus::blank, text.bytes());
  if (!size) return std::nullopt;
  text.shrink(*size);
  return core::read_base32_seed(text.text());
}

// Where the label parts into issuer and account. The issuer parameter tells, for an issuer that holds a colon itself.
std::size_t colon_of(std::string_view label, std::string_view issuer) {
  const bool told = label.starts_with(issuer) && label.substr(issuer.size()).starts_with(':');
  return told ? issuer.size() : label.find(':');
}

// The parameter wins over the label: of the two it is the one that cannot be misread.
bool read_names(std::string_view raw_label, Value raw_issuer, Enrolment& enrolment) {
  const auto label = decoded(raw_label, Plus::plain);
  const auto issuer = decoded(raw_issuer.value_or(""), Plus::blank);
  if (!label || !issuer) return false;
  std::string_view account = *label, prefix;
  if (const std::size_t colon = colon_of(*label, *issuer); colon != std::string_view::npos) {
    prefix = account.substr(0, colon);
    account.remove_prefix(colon + 1);
  }
  account.remove_prefix(std::min(account.find_first_not_of(' '), account.size()));
  enrolment.issuer = issuer->empty() ? std::string(prefix) : *issuer;
  enrolment.account = account;
  return !account.empty() && core::printable(*label) && name_kept(enrolment.account) && name_kept(enrolment.issuer);
}

bool take_type(std::string_view& text, Type& type) {
  if (!take_prefix_ignoring_case(text, "otpauth://")) return false;
  if (take_prefix_ignoring_case(text, "totp/")) return true;
  type = Type::hotp;
  return take_prefix_ignoring_case(text, "hotp/");
}

// A file or a pasted line ends in a line break, which is no part of the URI.
std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Uri> parse_uri(std::string_view text) {
  Uri uri;
  if (text.size() > longest_uri || !take_type(text, uri.type)) return std::nullopt;
  text = without_line_end(text);
  text = take_until(text, '#');
  const std::string_view label = take_until(text, '?');
  const auto query = split_query(text);
  if (!query || !read_names(label, query->issuer, uri.enrolment)) return std::nullopt;
  const auto read = parameters(*query);
  auto secret = seed(query->secret);
  if (!read || !secret) return std::nullopt;
  uri.enrolment.parameters = *read;
  uri.enrolment.seed = std::move(*secret);
  if (uri.type == Type::totp) return uri;
  // Without its counter a HOTP secret says nothing about which code comes next.
  const auto counter = query->counter ? number(query->counter, 0) : std::nullopt;
  if (!counter) return std::nullopt;
  uri.counter = *counter;
  return uri;
}

std::optional<Enrolment> from_uri(std::string_view uri) {
  auto parsed = parse_uri(uri);
  if (!parsed || parsed->type != Type::totp) return std::nullopt;
  return std::move(parsed->enrolment);
}

}  // namespace factord::otp
