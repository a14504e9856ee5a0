// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/outcome.hpp"

#include <optional>
#include <string>

#include "ipc/names.hpp"

namespace factord::factorctl {
namespace {

using core::Code;
using zitadel::v1::ErrorDetail;
using zitadel::v1::Status;

constexpr std::string_view bus_prefix = "org.freedesktop.DBus.Error.";

struct Foreign {
  std::string_view name;  // without the prefix of the bus
  Code code;
};

constexpr Foreign foreign_names[] = {
    {"InvalidArgs", Code::invalid_argument},   {"UnknownMethod", Code::unimplemented},
    {"UnknownInterface", Code::unimplemented}, {"UnknownObject", Code::unimplemented},
    {"AccessDenied", Code::permission_denied}, {"LimitsExceeded", Code::resource_exhausted},
    {"NoMemory", Code::resource_exhausted},    {"NoReply", Code::deadline_exceeded},
    {"Timeout", Code::deadline_exceeded},      {"TimedOut", Code::deadline_exceeded},
    {"ServiceUnknown", Code::unavailable},     {"NameHasNoOwner", Code::unavailable},
    {"Disconnected", Code::unavailable},
};

Code code_of_foreign(std::string_view name) {
  for (const auto& row : foreign_names)
    if (name == row.name) return row.code;
  return name.starts_with("Spawn.") ? Code::unavailable : Code::unknown;
}

Code code_of_own(std::string_view name) {
  for (int i = 1; i <= static_cast<int>(Code::unauthenticated); ++i)
    if (core::name(static_cast<Code>(i)) == name) return static_cast<Code>(i);
  return Code::unknown;
}

// "<text> (<ID>)" taken apart; the id itself never holds a bracket or a blank.
std::optional<ErrorDetail> detail_of(std::string_view message) {
  const std::size_t open = message.rfind(" (");
  if (open == std::string_view::npos || !message.ends_with(')')) return std::nullopt;
  const std::string_view id = message.substr(open + 2, message.size() - open - 3);
  if (id.empty() || id.find_first_of(" ()") != std::string_view::npos) return std::nullopt;
  ErrorDetail detail;
  detail.set_id(std::string(id));
  detail.set_message(std::string(message.substr(0, open)));
  return detail;
}

Status plain(Code code, const std::string& message) {
  Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(message);
  return status;
}

Status detailed(Code code, const std::string& message) {
  Status status = plain(code, message);
  if (const auto detail = detail_of(message)) status.add_details()->PackFrom(*detail);
  return status;
}

}  // namespace

core::Code code_of(std::string_view error_name) {
  constexpr std::string_view own_prefix = ipc::names::error_prefix;
  if (error_name.starts_with(own_prefix)) return code_of_own(error_name.substr(own_prefix.size()));
  if (error_name.starts_with(bus_prefix)) return code_of_foreign(error_name.substr(bus_prefix.size()));
  return Code::unknown;
}

Status status_of(const ipc::RemoteError& error) {
  const std::string message = *error.what() != '\0' ? error.what() : error.name;
  const bool own = error.name.starts_with(ipc::names::error_prefix);
  return own ? detailed(code_of(error.name), message) : plain(code_of(error.name), message);
}

Status status_of(const core::Error& error) { return detailed(error.code(), error.what()); }

Status status_of(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ipc::RemoteError& error) {
    return status_of(error);
  } catch (const core::Error& error) {
    return status_of(error);
  } catch (const std::exception& error) {
    return plain(Code::unknown, error.what());
  }
}

}  // namespace factord::factorctl
