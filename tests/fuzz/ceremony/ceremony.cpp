// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/ceremony/ceremony.hpp"

#include <algorithm>
#include <sstream>

#include "daemon/webauthn/key_cache.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;
using tests::Format;

std::string step_of(const auto& verdict) {
  const auto* refusal = std::get_if<Refusal>(&verdict);
  return refusal == nullptr ? accepted : refusal->step;
}

std::string text_of(Scene& scene) {
  const auto& key = key_of(scene.algorithm);
  std::string text =
      scene.registering ? make_registration(key, scene.registration) : make_assertion(key, scene.assertion);
  if (scene.edit_text) scene.edit_text(text);
  return text;
}

std::string verdict_on(const Scene& scene, const std::string& text) {
  if (scene.registering) return step_of(verify_registration(text, scene.registration_expected));
  static KeyCache keys(4);  // fewer than there are keys, so that they come and go
  const auto read = read_assertion(text);
  if (const auto* assertion = std::get_if<ReadAssertion>(&read))
    return step_of(verify_assertion(*assertion, scene.record, scene.assertion_expected, keys));
  return step_of(read);
}

// A change names one step or several with blanks between.
bool allowed(const Scene& scene, const std::string& verdict) {
  if (scene.refused_at.empty()) return verdict == accepted;
  return std::ranges::any_of(scene.refused_at, [&](const std::string& steps) {
    std::istringstream words(steps);
    return std::find(std::istream_iterator<std::string>(words), {}, verdict) != std::istream_iterator<std::string>();
  });
}

bool touched(const Scene& scene, Part part) { return (scene.touched >> static_cast<unsigned>(part) & 1) != 0; }

}  // namespace

const std::vector<Change>& all_changes() {
  static const std::vector<Change> all = [] {
    std::vector<Change> out;
    for (const auto part : {client_data_changes(), outer_changes(), authenticator_data_changes(), key_changes(),
                            statement_changes(), signature_changes(), policy_changes()})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  return all;
}

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> kinds = [] {
    std::vector<Kind> out;
    for (const int algorithm : {tests::es256, tests::eddsa, tests::rs256, tests::es384, tests::es512}) {
      out.push_back({false, Format::none, algorithm});
      for (const Format format : {Format::none, Format::packed_self, Format::packed_x5c})
        out.push_back({true, format, algorithm});
    }
    for (const Format format : {Format::fido_u2f, Format::tpm, Format::android_key, Format::apple, Format::compound})
      out.push_back({true, format, tests::es256});
    out.push_back({true, Format::tpm, tests::rs256});
    return out;
  }();
  return kinds;
}

std::string disagreement(Scene& scene) {
  const std::string text = text_of(scene);
  const std::string verdict = verdict_on(scene, text);
  if (allowed(scene, verdict)) return {};
  std::ostringstream out;
  out << (scene.registering ? "registration" : "assertion") << ", format " << static_cast<int>(scene.format())
      << ", algorithm " << scene.algorithm << ": " << verdict << ", but should be";
  for (const auto& step : scene.refused_at) out << " refused at " << step;
  if (scene.refused_at.empty()) out << " accepted";
  for (const auto& name : scene.changes) out << "\n  with: " << name;
  out << "\n  " << text.substr(0, 20'000) << "\n";
  return out.str();
}

void apply(const Change& change, Scene& scene, Choices& choices) {
  if (!change.possible(scene) || touched(scene, change.part)) return;
  scene.touched |= std::uint64_t{1} << static_cast<unsigned>(change.part);
  scene.changes.push_back(change.name);
  const std::string step = change.step(scene);
  if (step != accepted && step != judged) scene.refused_at.insert(step);
  change.apply(scene, choices);
}

std::string run_ceremony(core::ByteView bytes) {
  Choices choices(bytes);
  const Kind kind = choices.of(all_kinds());
  Scene scene(kind.registering, kind.format, kind.algorithm);
  for (std::size_t count = choices.below(5); count > 0; --count) {
    const Change& change = all_changes()[choices.below(all_changes().size())];
    apply(change, scene, choices);
  }
  return disagreement(scene);
}

}  // namespace factord::fuzz
