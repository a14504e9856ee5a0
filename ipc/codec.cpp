// SPDX-License-Identifier: Apache-2.0
#include "ipc/codec.hpp"

#include <fcntl.h>
#include <systemd/sd-bus.h>

#include <cstring>

namespace factord::ipc {
namespace {

void must_read(int result, const char* what) {
  if (result < 0) throw Malformed(std::string(what) + " cannot be read");
}

void must_append(int result) {
  if (result < 0) throw std::runtime_error(std::string("sd-bus refused a value: ") + std::strerror(-result));
}

template <typename T>
T read_basic(sd_bus_message* message, char type) {
  T value{};
  if (sd_bus_message_read_basic(message, type, &value) <= 0) throw Malformed("a value cannot be read");
  return value;
}

std::string read_text(sd_bus_message* message, const Bounds& bounds) {
  const std::string_view text = read_basic<const char*>(message, 's');
  if (text.size() > bounds.text_bytes) throw Malformed("a text is too long");
  return std::string(text);
}

SharedFd read_fd(sd_bus_message* message) {
  // The message owns its descriptor; ours must outlive it and must not leak into children.
  core::Fd fd(fcntl(read_basic<int>(message, 'h'), F_DUPFD_CLOEXEC, 3));
  if (!fd.valid()) throw Malformed("a file descriptor cannot be taken");
  return std::make_shared<const core::Fd>(std::move(fd));
}

Texts read_texts(sd_bus_message* message, const Bounds& bounds) {
  Texts texts;
  must_read(sd_bus_message_enter_container(message, 'a', "s"), "an array");
  while (sd_bus_message_at_end(message, 0) == 0) {
    if (texts.size() == bounds.entries) throw Malformed("an array is too long");
    texts.push_back(read_text(message, bounds));
  }
  must_read(sd_bus_message_exit_container(message), "an array");
  return texts;
}

Value read_variant(sd_bus_message* message, const Bounds& bounds) {
  char type = 0;
  const char* contents = nullptr;
  if (sd_bus_message_peek_type(message, &type, &contents) <= 0 || type != 'v') throw Malformed("a variant is missing");
  const auto inner = type_named(contents);
  if (!inner) throw Malformed("a value has a type that no argument has");
  must_read(sd_bus_message_enter_container(message, 'v', contents), "a variant");
  Value value = read(message, *inner, bounds);
  must_read(sd_bus_message_exit_container(message), "a variant");
  return value;
}

Dict read_dict(sd_bus_message* message, const Bounds& bounds) {
  Dict dict;
  must_read(sd_bus_message_enter_container(message, 'a', "{sv}"), "a dictionary");
  while (sd_bus_message_at_end(message, 0) == 0) {
    if (dict.size() == bounds.entries) throw Malformed("a dictionary is too long");
    must_read(sd_bus_message_enter_container(message, 'e', "sv"), "a dictionary entry");
    std::string key = read_text(message, bounds);
    Value value = read_variant(message, bounds);
    if (!dict.emplace(std::move(key), std::move(value)).second) throw Malformed("a key stands twice");
    must_read(sd_bus_message_exit_container(message), "a dictionary entry");
  }
  must_read(sd_bus_message_exit_container(message), "a dictionary");
  return dict;
}

Dicts read_dicts(sd_bus_message* message, const Bounds& bounds) {
  Dicts dicts;
  must_read(sd_bus_message_enter_container(message, 'a', "a{sv}"), "an array");
  while (sd_bus_message_at_end(message, 0) == 0) {
    if (dicts.size() == bounds.dicts) throw Malformed("an array is too long");
    dicts.push_back(read_dict(message, bounds));
  }
  must_read(sd_bus_message_exit_container(message), "an array");
  return dicts;
}

void append_dict(sd_bus_message* message, const Dict& dict) {
  must_append(sd_bus_message_open_container(message, 'a', "{sv}"));
  for (const auto& [key, value] : dict) {
    must_append(sd_bus_message_open_container(message, 'e', "sv"));
    must_append(sd_bus_message_append_basic(message, 's', key.c_str()));
    must_append(sd_bus_message_open_container(message, 'v', std::string(signature_of(type_of(value))).c_str()));
    append(message, value);
    must_append(sd_bus_message_close_container(message));
    must_append(sd_bus_message_close_container(message));
  }
  must_append(sd_bus_message_close_container(message));
}

struct Append {
  sd_bus_message* message;

  void operator()(bool value) const {
    const int wide = value;  // sd-bus reads a boolean as an int
    must_append(sd_bus_message_append_basic(message, 'b', &wide));
  }
  void operator()(std::int32_t value) const { must_append(sd_bus_message_append_basic(message, 'i', &value)); }
  void operator()(std::uint32_t value) const { must_append(sd_bus_message_append_basic(message, 'u', &value)); }
  void operator()(std::uint64_t value) const { must_append(sd_bus_message_append_basic(message, 't', &value)); }
  void operator()(const std::string& value) const {
    must_append(sd_bus_message_append_basic(message, 's', value.c_str()));
  }
  void operator()(const SharedFd& value) const {
    const int fd = value->get();
    must_append(sd_bus_message_append_basic(message, 'h', &fd));
  }
  void operator()(const Texts& value) const {
    must_append(sd_bus_message_open_container(message, 'a', "s"));
    for (const auto& text : value) (*this)(text);
    must_append(sd_bus_message_close_container(message));
  }
  void operator()(const Dict& value) const { append_dict(message, value); }
  void operator()(const Dicts& value) const {
    must_append(sd_bus_message_open_container(message, 'a', "a{sv}"));
    for (const auto& dict : value) append_dict(message, dict);
    must_append(sd_bus_message_close_container(message));
  }
};

}  // namespace

Value read(sd_bus_message* message, Type type, const Bounds& bounds) {
  switch (type) {
    case Type::boolean:
      return read_basic<int>(message, 'b') != 0;
    case Type::int32:
      return read_basic<std::int32_t>(message, 'i');
    case Type::uint32:
      return read_basic<std::uint32_t>(message, 'u');
    case Type::uint64:
      return read_basic<std::uint64_t>(message, 't');
    case Type::text:
      return read_text(message, bounds);
    case Type::texts:
      return read_texts(message, bounds);
    case Type::fd:
      return read_fd(message);
    case Type::dict:
      return read_dict(message, bounds);
    case Type::dicts:
      return read_dicts(message, bounds);
  }
  throw Malformed("no such type");
}

void append(sd_bus_message* message, const Value& value) {
  std::visit(Append{message}, static_cast<const Value::variant&>(value));
}

}  // namespace factord::ipc
