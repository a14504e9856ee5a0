// SPDX-License-Identifier: Apache-2.0
#include "ipc/incoming.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "core/failure.hpp"
#include "core/log.hpp"
#include "ipc/codec.hpp"
#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

void must(int result, const char* step) {
  if (result < 0) throw std::runtime_error(std::string(step) + ": " + std::strerror(-result));
}

// made(sd_bus_message_new_…, arguments after the result…)
template <typename Make, typename First, typename... More>
Message made(Make make, First* first, More... more) {
  sd_bus_message* message = nullptr;
  must(make(first, &message, more...), "making a message");
  return Message(message);
}

void send(const Message& message) { must(sd_bus_send(nullptr, message.get(), nullptr), "sending"); }

// All of a call that answering it takes: whom, to which serial, and whether at all. Its body and its file descriptors
// stay behind.
Message stub_of(sd_bus_message* call) {
  std::uint64_t serial = 0;
  must(sd_bus_message_get_cookie(call, &serial), "the serial of a call");
  Message stub = made(sd_bus_message_new, sd_bus_message_get_bus(call), SD_BUS_MESSAGE_METHOD_CALL);
  if (const char* sender = sd_bus_message_get_sender(call))
    must(sd_bus_message_set_sender(stub.get(), sender), "the sender of a call");
  must(sd_bus_message_set_expect_reply(stub.get(), sd_bus_message_get_expect_reply(call)), "a flag of a call");
  must(sd_bus_message_set_allow_interactive_authorization(stub.get(),
                                                          sd_bus_message_get_allow_interactive_authorization(call)),
       "a flag of a call");
  must(sd_bus_message_seal(stub.get(), serial, 0), "sealing a call");
  return stub;
}

}  // namespace

Incoming::Incoming(sd_bus_message* call, const std::string& out_signature)
    : call_(sd_bus_message_ref(call)), out_signature_(&out_signature) {}

Incoming::~Incoming() {
  if (call_) fail(std::string(names::error_prefix) + "Unavailable", core::Error(core::failure::unavailable).what());
}

std::string Incoming::sender() const {
  const char* sender = sd_bus_message_get_sender(message());
  return sender == nullptr ? std::string() : sender;  // a bus always says it
}

void Incoming::let_go() try { call_ = stub_of(message()); } catch (const std::exception& error) {
  // Then it is kept, and answered all the same.
  core::log(core::Severity::notice, "A call keeps its message", {{"FACTORD_CAUSE", error.what()}});
}

Interaction Incoming::interaction() const {
  return sd_bus_message_get_allow_interactive_authorization(message()) > 0 ? Interaction::allowed
                                                                           : Interaction::forbidden;
}

bool Incoming::wants_reply() const { return sd_bus_message_get_expect_reply(message()) > 0; }

void Incoming::reply(const Values& values) {
  if (!wants_reply()) return call_.reset();
  try {
    const Message reply = made(sd_bus_message_new_method_return, message());
    for (const Value& value : values) append(reply.get(), value);
    if (*out_signature_ != sd_bus_message_get_signature(reply.get(), 1))
      throw std::logic_error("the values of a reply do not fit the method");
    send(reply);
    call_.reset();
  } catch (const std::exception& error) {
    // Out of file descriptors for a result that is one, for example: the caller is told at least that.
    core::log(core::Severity::error, "A reply could not be sent", {{"FACTORD_CAUSE", error.what()}});
    fail(std::string(names::error_prefix) + "Unavailable", core::Error(core::failure::unavailable).what());
  }
}

void Incoming::fail(const std::string& error_name, const std::string& message) {
  const bool wanted = wants_reply();
  const Message call = std::move(call_);
  if (!wanted) return;
  try {
    const sd_bus_error error{error_name.c_str(), message.c_str(), 0};
    send(made(sd_bus_message_new_method_error, call.get(), &error));
  } catch (const std::exception& error) {
    core::log(core::Severity::error, "An error reply could not be sent", {{"FACTORD_CAUSE", error.what()}});
  }
}

}  // namespace factord::ipc
