// SPDX-License-Identifier: Apache-2.0
#include "ipc/inquiry.hpp"

#include <algorithm>

#include "core/failure.hpp"

namespace factord::ipc {
namespace {

bool is_called(const Method& method, std::string_view name) {
  if (!name.ends_with(method.name)) return false;
  const std::string_view before = name.substr(0, name.size() - method.name.size());
  return before.empty() || (before.ends_with('.') && before.substr(0, before.size() - 1) == method.interface);
}

[[noreturn]] void refuse(const std::string& text) { throw core::Error::because(core::failure::bad_argument, text); }

}  // namespace

const Method& inquired(const std::vector<Method>& methods, const Call& call) {
  const auto found =
      std::ranges::find_if(methods, [&](const Method& method) { return is_called(method, call.text("method")); });
  if (found == methods.end()) refuse("Argument method names no method");
  const bool takes_user = std::ranges::find(found->in, "user_id", &Parameter::name) != found->in.end();
  if (!takes_user && !call.text("user_id").empty()) refuse("Argument user_id must be empty: the method takes none");
  const bool takes_org = std::ranges::find(found->options, "org", &Option::name) != found->options.end();
  if (!takes_org && call.option_text("org")) refuse("Option org must be left out: the method does not take it");
  return *found;
}

}  // namespace factord::ipc
