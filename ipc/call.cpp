// SPDX-License-Identifier: Apache-2.0
#include "ipc/call.hpp"

#include <stdexcept>

namespace factord::ipc {
namespace {

template <typename T>
const T& argument(const Dict& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) throw std::logic_error("no argument " + std::string(name));
  return std::get<T>(found->second);
}

}  // namespace

const std::string& Call::text(std::string_view name) const { return argument<std::string>(arguments_, name); }

std::uint32_t Call::number(std::string_view name) const { return argument<std::uint32_t>(arguments_, name); }

const core::Secret& Call::secret(std::string_view name) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) throw std::logic_error("no secret " + std::string(name));
  return found->second;
}

std::optional<std::string> Call::option_text(std::string_view name) const {
  if (!arguments_.contains(name)) return std::nullopt;
  return argument<std::string>(arguments_, name);
}

std::string Call::option_text(std::string_view name, std::string_view otherwise) const {
  return arguments_.contains(name) ? argument<std::string>(arguments_, name) : std::string(otherwise);
}

std::uint32_t Call::option_number(std::string_view name, std::uint32_t otherwise) const {
  return arguments_.contains(name) ? argument<std::uint32_t>(arguments_, name) : otherwise;
}

std::uint64_t Call::option_wide(std::string_view name, std::uint64_t otherwise) const {
  return arguments_.contains(name) ? argument<std::uint64_t>(arguments_, name) : otherwise;
}

bool Call::option_flag(std::string_view name) const {
  return arguments_.contains(name) && argument<bool>(arguments_, name);
}

Texts Call::option_texts(std::string_view name) const {
  return arguments_.contains(name) ? argument<Texts>(arguments_, name) : Texts{};
}

}  // namespace factord::ipc
