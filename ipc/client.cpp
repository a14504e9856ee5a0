// SPDX-License-Identifier: Apache-2.0
#include "ipc/client.hpp"

#include <systemd/sd-bus.h>

#include <cstring>
#include <memory>

#include "ipc/codec.hpp"
#include "ipc/message.hpp"
#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

[[noreturn]] void fail(int result) {
  throw RemoteError("org.freedesktop.DBus.Error.Disconnected", std::string("Bus: ") + std::strerror(-result));
}

void must(int result) {
  if (result < 0) fail(result);
}

[[noreturn]] void throw_remote(sd_bus_error& error) {
  RemoteError remote(error.name ? error.name : "org.freedesktop.DBus.Error.Failed", error.message ? error.message : "");
  sd_bus_error_free(&error);
  throw remote;
}

int open_bus(const std::string& name, sd_bus** bus) {
  if (name == "system") return sd_bus_open_system(bus);
  if (name == "session") return sd_bus_open_user(bus);
  must(sd_bus_new(bus));
  must(sd_bus_set_address(*bus, name.c_str()));
  must(sd_bus_set_bus_client(*bus, 1));
  return sd_bus_start(*bus);
}

Type type_at(sd_bus_message* message) {
  char type = 0;
  const char* contents = nullptr;
  sd_bus_message_peek_type(message, &type, &contents);
  std::string signature(1, type);
  if (contents != nullptr) signature += contents;
  if (const auto known = type_named(signature)) return *known;
  throw Malformed("the answer holds a type that no method of factord gives");
}

Values read_all(sd_bus_message* message) {
  Values values;
  while (sd_bus_message_at_end(message, 1) == 0) values.push_back(read(message, type_at(message)));
  return values;
}

}  // namespace

Client::Client(const std::string& bus, std::chrono::seconds timeout) : timeout_(timeout) {
  const int result = open_bus(bus, &bus_);
  if (result < 0) {
    sd_bus_unref(bus_);
    fail(result);
  }
}

Client::~Client() { sd_bus_flush_close_unref(bus_); }

Values Client::call(const char* interface, const char* method, const Values& arguments, Prompt prompt) {
  sd_bus_message* raw = nullptr;
  must(sd_bus_message_new_method_call(bus_, &raw, names::service, names::object, interface, method));
  const Message request(raw);
  must(sd_bus_message_set_allow_interactive_authorization(raw, prompt == Prompt::allowed));
  for (const Value& argument : arguments) append(raw, argument);

  sd_bus_error error{};
  sd_bus_message* answer = nullptr;
  const auto limit = std::chrono::microseconds(timeout_).count();
  if (sd_bus_call(bus_, raw, static_cast<std::uint64_t>(limit), &error, &answer) < 0) {
    throw_remote(error);
  }
  const Message reply(answer);
  return read_all(answer);
}

Value Client::property(const char* interface, const char* name) {
  sd_bus_error error{};
  char* text = nullptr;
  if (sd_bus_get_property_string(bus_, names::service, names::object, interface, name, &error, &text) < 0) {
    throw_remote(error);
  }
  Value value{std::string(text)};
  std::free(text);
  return value;
}

}  // namespace factord::ipc
