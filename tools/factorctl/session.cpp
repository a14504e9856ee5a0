// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/session.hpp"

#include "core/failure.hpp"
#include "core/text.hpp"
#include "status.pb.h"
#include "tools/factorctl/json.hpp"

namespace factord::factorctl {
namespace {

void check_text(const std::string& text) {
  if (!core::valid_utf8(text) || text.find('\0') != std::string::npos)
    throw core::Error::because(core::failure::bad_argument, "Argument is not a UTF-8 text");
}

void check(const ipc::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return check_text(*text);
  if (const auto* texts = std::get_if<ipc::Texts>(&value))
    for (const auto& text : *texts) check_text(text);
  if (const auto* dict = std::get_if<ipc::Dict>(&value))
    for (const auto& [key, entry] : *dict) check(entry);
}

}  // namespace

Bus& Session::bus() {
  if (!bus_) bus_ = open_(settings.bus);
  return *bus_;
}

ipc::Values Session::call(const char* interface, const char* method, const ipc::Values& arguments) {
  for (const auto& argument : arguments) check(argument);
  return bus().call(interface, method, arguments);
}

std::string Session::property(const char* interface, const char* name) { return bus().property(interface, name); }

ipc::Dict Session::options() const {
  ipc::Dict options;
  put(options, "org", settings.org);
  return options;
}

void Session::print_json(const google::protobuf::Message& answer) const { console_.print(to_json(answer) + '\n'); }

void Session::done(const ipc::Dict& details, const std::string& line) const {
  if (!settings.json) return console_.say(line);
  zitadel::v1::DetailsResponse response;
  fill(*response.mutable_details(), details);
  print_json(response);
}

}  // namespace factord::factorctl
