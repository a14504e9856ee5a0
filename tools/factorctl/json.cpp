// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/json.hpp"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <stdexcept>

namespace factord::factorctl {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

constexpr std::uint64_t last_date = 253'402'300'799'999'999;  // the year 9999: RFC 3339 has four digits

// Sets one field from the value of the type that stands in the answer.
struct Setter {
  pb::Message& message;
  const Field& field;

  void operator()(bool value) const {
    expect(Field::CPPTYPE_BOOL);
    reflection().SetBool(&message, &field, value);
  }
  void operator()(std::int32_t value) const {
    if (auto* any = part<pb::Value>()) return any->set_number_value(value);
    expect(Field::CPPTYPE_INT32);
    reflection().SetInt32(&message, &field, value);
  }
  void operator()(std::uint32_t value) const {
    if (auto* any = part<pb::Value>()) return any->set_number_value(value);
    expect(Field::CPPTYPE_UINT32);
    reflection().SetUInt32(&message, &field, value);
  }
  void operator()(std::uint64_t value) const {
    if (field.message_type() == pb::Timestamp::descriptor()) return set_date(value);
    expect(Field::CPPTYPE_UINT64);
    reflection().SetUInt64(&message, &field, value);
  }
  void operator()(const std::string& value) const {
    if (auto* any = part<pb::Value>()) return any->set_string_value(value);
    expect(Field::CPPTYPE_STRING);
    reflection().SetString(&message, &field, value);
  }
  void operator()(const ipc::Texts& values) const {
    expect(Field::CPPTYPE_STRING, Count::many);
    for (const auto& value : values) reflection().AddString(&message, &field, value);
  }
  void operator()(const ipc::Dict& values) const {
    expect(Field::CPPTYPE_MESSAGE);
    fill(*reflection().MutableMessage(&message, &field), values);
  }
  void operator()(const ipc::Dicts& items) const {
    expect(Field::CPPTYPE_MESSAGE, Count::many);
    for (const auto& item : items) fill(*reflection().AddMessage(&message, &field), item);
  }
  [[noreturn]] void operator()(const ipc::SharedFd&) const { refuse(); }

 private:
  enum class Count { one, many };

  const pb::Reflection& reflection() const { return *message.GetReflection(); }

  [[noreturn]] void refuse() const { throw std::runtime_error("Unexpected type in the answer: " + field.json_name()); }

  void expect(Field::CppType type, Count count = Count::one) const {
    if (field.cpp_type() != type || field.is_repeated() != (count == Count::many)) refuse();
  }

  template <typename T>
  T* part() const {
    if (field.message_type() != T::descriptor() || field.is_repeated()) return nullptr;
    return static_cast<T*>(reflection().MutableMessage(&message, &field));
  }

  void set_date(std::uint64_t microseconds) const {
    if (microseconds == 0) return;
    if (microseconds > last_date) refuse();  // TimeUtil would end with a line on stderr
    *part<pb::Timestamp>() = pb::util::TimeUtil::MicrosecondsToTimestamp(static_cast<std::int64_t>(microseconds));
  }
};

void must(const pb::util::Status& status, const char* what) {
  if (!status.ok()) throw std::runtime_error(std::string(what) + ": " + std::string(status.message()));
}

}  // namespace

void fill(pb::Message& message, const ipc::Dict& values) {
  for (const auto& [key, value] : values)
    if (const Field* field = message.GetDescriptor()->FindFieldByCamelcaseName(key))
      std::visit(Setter{message, *field}, static_cast<const ipc::Value::variant&>(value));
}

std::string to_json(const pb::Message& message) {
  std::string text;
  must(pb::util::MessageToJsonString(message, &text), "The answer cannot be written as JSON");
  return text;
}

void from_json(const std::string& text, pb::Message& message) {
  must(pb::util::JsonStringToMessage(text, &message), "The answer is not JSON");
}

}  // namespace factord::factorctl
