// SPDX-License-Identifier: Apache-2.0
#include "ipc/decode.hpp"

#include <algorithm>

#include "core/failure.hpp"
#include "core/text.hpp"
#include "ipc/codec.hpp"

namespace factord::ipc {
namespace {

core::Error refusal(std::string_view what, std::string_view name, const std::string& why) {
  return core::Error::because(core::failure::bad_argument, std::string(what) + " " + std::string(name) + " " + why);
}

std::optional<std::string> fault_of(const std::string& text, const TextRule& rule) {
  if (!core::has_code_points(text, rule.least, rule.most))
    return "must have " + std::to_string(rule.least) + " to " + std::to_string(rule.most) + " characters";
  if (rule.content == TextRule::Content::printable && !core::printable(text))
    return "must not hold control or direction characters";
  if (rule.content == TextRule::Content::identifier && !text.empty() && !core::valid_identifier(text))
    return "must not hold control or direction characters or ':'";
  return std::nullopt;
}

std::optional<std::string> fault_of(const std::string& text, const Option& option) {
  if (option.words.empty()) return fault_of(text, option.rule);
  if (std::ranges::find(option.words, text) != option.words.end()) return std::nullopt;
  std::string words;
  for (std::string_view word : option.words) words += (words.empty() ? "" : ", ") + std::string(word);
  return "must be one of " + words;
}

// Of an option or an argument.
std::optional<std::string> fault_of(std::uint64_t number, const auto& described) {
  if (number >= described.least && number <= described.most) return std::nullopt;
  return "must be " + std::to_string(described.least) + " to " + std::to_string(described.most);
}

std::optional<std::string> fault_of(const Value& value, const Parameter& parameter) {
  if (const auto* text = std::get_if<std::string>(&value)) return fault_of(*text, parameter.rule);
  if (const auto* number = std::get_if<std::uint32_t>(&value)) return fault_of(*number, parameter);
  return std::nullopt;
}

std::optional<std::string> fault_of(const Value& value, const Option& option) {
  if (type_of(value) != option.type) return "must be of type " + std::string(signature_of(option.type));
  if (const auto* text = std::get_if<std::string>(&value)) return fault_of(*text, option);
  if (const auto* number = std::get_if<std::uint32_t>(&value)) return fault_of(*number, option);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return fault_of(*number, option);
  if (const auto* texts = std::get_if<Texts>(&value))
    for (const std::string& text : *texts)
      if (auto fault = fault_of(text, option)) return fault;
  return std::nullopt;
}

class Decoder {
 public:
  Decoder(sd_bus_message* message, const Method& method) : message_(message), method_(method) {}

  Decoded run() {
    for (const Parameter& parameter : method_.in) take(parameter);
    if (method_.takes_options) take_options();
    return std::move(decoded_);
  }

 private:
  void refuse(core::Error error) {
    if (!decoded_.refusal) decoded_.refusal = std::move(error);
  }

  void take(const Parameter& parameter) try {
    // Four bytes are the longest form of a code point: longer texts are not even copied.
    Value value = read(message_, parameter.type, {.text_bytes = parameter.rule.most * 4});
    if (auto fault = fault_of(value, parameter)) return refuse(refusal("Argument", parameter.name, *fault));
    decoded_.arguments.emplace(parameter.name, std::move(value));
  } catch (const Malformed& fault) {
    refuse(refusal("Argument", parameter.name, std::string("is refused: ") + fault.what()));
  }

  void take_options() try {
    const Dict options = std::get<Dict>(read(message_, Type::dict, {.text_bytes = 16384}));
    for (const auto& [name, value] : options) take_option(name, value);
  } catch (const Malformed& fault) {
    refuse(refusal("Argument", "options", std::string("is refused: ") + fault.what()));
  }

  void take_option(const std::string& name, const Value& value) {
    const auto option = std::ranges::find(method_.options, name, &Option::name);
    // A caller's own word is not echoed: it may be anything.
    if (option == method_.options.end())
      return refuse(core::Error::because(core::failure::bad_argument, "An option is not known to this method"));
    if (auto fault = fault_of(value, *option)) return refuse(refusal("Option", option->name, *fault));
    decoded_.arguments.emplace(name, value);
  }

  sd_bus_message* message_;
  const Method& method_;
  Decoded decoded_;
};

}  // namespace

Decoded decode(sd_bus_message* message, const Method& method) { return Decoder(message, method).run(); }

}  // namespace factord::ipc
