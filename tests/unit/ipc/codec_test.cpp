// SPDX-License-Identifier: Apache-2.0
#include "ipc/codec.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/ipc/wire.hpp"

using namespace factord;
using namespace factord::ipc;
using factord::tests::Message;
using factord::tests::must;
using factord::tests::Wire;

namespace {

// Descriptors are the same when they lead to the same file.
ino_t inode(int fd) {
  struct stat status {};
  REQUIRE(fstat(fd, &status) == 0);
  return status.st_ino;
}

SharedFd some_file() { return std::make_shared<const core::Fd>(core::sealed_memfd("content")); }

Dict dict_of(std::size_t entries) {
  Dict dict;
  for (std::size_t i = 0; i < entries; ++i) dict[std::to_string(i)] = std::uint32_t(i);
  return dict;
}

}  // namespace

TEST_CASE("every type comes out of a message as it went in") {
  const Wire wire;
  const Values values{false,
                      true,
                      std::int32_t{-8},
                      std::uint32_t{4'000'000'000},
                      std::uint64_t{UINT64_MAX},
                      "",
                      "Schlüssel \xf0\x9f\x94\x91",
                      Texts{},
                      Texts{"usb", "nfc"},
                      Dict{},
                      Dict{{"sequence", std::uint64_t{7}}, {"transports", Texts{"usb"}}, {"details", Dict{{"a", "b"}}}},
                      Dicts{},
                      Dicts{Dict{{"id", "a"}}, Dict{}, Dict{{"flag", true}, {"number", std::int32_t{-257}}}}};
  const Message message = wire.message(values);
  for (const Value& value : values) {
    INFO("type " << signature_of(type_of(value)));
    CHECK(read(message.get(), type_of(value)) == value);
  }
  CHECK(sd_bus_message_at_end(message.get(), 1) == 1);
}

TEST_CASE("a descriptor that was read outlives its message and does not leak into children") {
  const Wire wire;
  const SharedFd sent = some_file();
  Message message = wire.message(Values{sent});
  const auto received = std::get<SharedFd>(read(message.get(), Type::fd));
  message.reset();
  CHECK(received->get() != sent->get());
  CHECK(inode(received->get()) == inode(sent->get()));
  CHECK((fcntl(received->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a descriptor within a dictionary is taken as well") {
  const Wire wire;
  const SharedFd sent = some_file();
  const Message message = wire.message(Values{Dict{{"code_fd", sent}}});
  const auto dict = std::get<Dict>(read(message.get(), Type::dict));
  CHECK(inode(std::get<SharedFd>(dict.at("code_fd"))->get()) == inode(sent->get()));
}

TEST_CASE("a key that stands twice is refused, whichever of its values might be meant") {
  const Wire wire;
  const Message message = wire.message([](sd_bus_message* raw) {
    must(sd_bus_message_append(raw, "a{sv}", 2, "org", "s", "acme", "org", "s", "local"));
  });
  CHECK_THROWS_AS(read(message.get(), Type::dict), Malformed);
}

TEST_CASE("a value of another type is refused, not reinterpreted") {
  const Wire wire;
  const Values values{true, std::int32_t{1}, std::uint32_t{1}, std::uint64_t{1}, "text", Texts{"a"}, Dict{}, Dicts{}};
  for (const Value& value : values)
    for (Type type : {Type::boolean, Type::int32, Type::uint32, Type::uint64, Type::text, Type::texts, Type::fd,
                      Type::dict, Type::dicts}) {
      if (type == type_of(value)) continue;
      const Message message = wire.message(Values{value});
      INFO(signature_of(type_of(value)) << " read as " << signature_of(type));
      CHECK_THROWS_AS(read(message.get(), type), Malformed);
    }
}

TEST_CASE("the end of a message is not a value") {
  const Wire wire;
  for (Type type : {Type::boolean, Type::uint64, Type::text, Type::texts, Type::fd, Type::dict, Type::dicts}) {
    const Message message = wire.message(Values{});
    CHECK_THROWS_AS(read(message.get(), type), Malformed);
  }
}

TEST_CASE("a variant of a type that no option has is refused") {
  const Wire wire;
  const char* const types[] = {"y", "n", "q", "x", "d", "o", "g", "v"};
  for (const char* type : types) {
    const Message message = wire.message([type](sd_bus_message* raw) {
      must(sd_bus_message_open_container(raw, 'a', "{sv}"));
      must(sd_bus_message_open_container(raw, 'e', "sv"));
      must(sd_bus_message_append(raw, "s", "name"));
      must(sd_bus_message_open_container(raw, 'v', type));
      const std::uint64_t zero = 0;
      if (*type == 'v')
        must(sd_bus_message_append(raw, "v", "s", "inner"));
      else
        must(sd_bus_message_append_basic(raw, *type,
                                         *type == 'o'   ? static_cast<const void*>("/a")
                                         : *type == 'g' ? static_cast<const void*>("s")
                                                        : &zero));
      for (int i = 0; i < 3; ++i) must(sd_bus_message_close_container(raw));
    });
    INFO("type " << type);
    CHECK_THROWS_AS(read(message.get(), Type::dict), Malformed);
  }
}

TEST_CASE("an array of bytes is refused: large data travels as text") {
  const Wire wire;
  const Message message =
      wire.message([](sd_bus_message* raw) { must(sd_bus_message_append(raw, "a{sv}", 1, "name", "ay", 3, 1, 2, 3)); });
  CHECK_THROWS_AS(read(message.get(), Type::dict), Malformed);
}

TEST_CASE("a text is taken up to its bound and refused beyond") {
  const Wire wire;
  const Message fits = wire.message(Values{std::string(800, 'x')});
  CHECK(std::get<std::string>(read(fits.get(), Type::text, {.text_bytes = 800})).size() == 800);
  const Message longer = wire.message(Values{std::string(801, 'x')});
  CHECK_THROWS_AS(read(longer.get(), Type::text, {.text_bytes = 800}), Malformed);
}

TEST_CASE("the bound of texts holds for keys, values and entries of arrays too") {
  const Wire wire;
  const std::string text(11, 'x');
  for (const Value& value : {Value(Dict{{text, "short"}}), Value(Dict{{"short", text}}), Value(Texts{text}),
                             Value(Dicts{Dict{{"short", text}}})}) {
    CHECK_NOTHROW(read(wire.message(Values{value}).get(), type_of(value), {.text_bytes = 11}));
    CHECK_THROWS_AS(read(wire.message(Values{value}).get(), type_of(value), {.text_bytes = 10}), Malformed);
  }
}

TEST_CASE("arrays and dictionaries are taken up to 64 entries and refused beyond") {
  const Wire wire;
  CHECK(std::get<Texts>(read(wire.message(Values{Texts(64, "a")}).get(), Type::texts)).size() == 64);
  CHECK_THROWS_AS(read(wire.message(Values{Texts(65, "a")}).get(), Type::texts), Malformed);
  CHECK(std::get<Dict>(read(wire.message(Values{dict_of(64)}).get(), Type::dict)).size() == 64);
  CHECK_THROWS_AS(read(wire.message(Values{dict_of(65)}).get(), Type::dict), Malformed);
}

TEST_CASE("an array of dictionaries is refused beyond its bound") {
  const Wire wire;
  const Values three{Dicts(3)};
  CHECK_NOTHROW(read(wire.message(three).get(), Type::dicts, {.dicts = 3}));
  CHECK_THROWS_AS(read(wire.message(three).get(), Type::dicts, {.dicts = 2}), Malformed);
}

TEST_CASE("nothing can be appended to a sealed message") {
  const Wire wire;
  const Message message = wire.message(Values{});
  CHECK_THROWS_AS(append(message.get(), Value("late")), std::runtime_error);
}

TEST_CASE("a text that is no UTF-8 does not get into a message") {
  const Wire wire;
  CHECK_THROWS_AS(wire.message(Values{"\xff"}), std::runtime_error);
}
