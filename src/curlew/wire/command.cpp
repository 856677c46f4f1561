#include "curlew/wire/command.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <utility>

#include "curlew/base/calendar.hpp"
#include "curlew/wire/call_arguments.hpp"
#include "curlew/wire/message.hpp"
#include "curlew/wire/packed.hpp"
#include "curlew/wire/packer.hpp"
#include "curlew/wire/python_repr.hpp"
#include "curlew/wire/signature.hpp"

namespace curlew {
namespace {

/// The name of a command, and the arguments that stand beside it in its list.
struct NamedCommand {
  std::string_view name;
  Arguments arguments;
};

tl::unexpected<Refusal> refused(std::string_view type, std::string_view message) {
  return tl::make_unexpected(Refusal{python_exception(type, message)});
}

tl::unexpected<Refusal> no_name(std::string_view type) {
  return refused("TypeError", fmt::format("attribute name must be string, not '{}'", type));
}

/// Data that is no map: what Python says where it looks for "command" in it.
Refusal no_map(const PackedValue& data) {
  switch (data.kind) {
    case PackedKind::kText:
    case PackedKind::kList:
      return runtime_error("No command given");
    case PackedKind::kBytes:
      return {python_exception("TypeError", "a bytes-like object is required, not 'str'")};
    default:
      if (python_type(data) == "ExtType") return runtime_error("No command given");  // a pair, in Python
      return {python_exception("TypeError", fmt::format("argument of type '{}' is not iterable", python_type(data)))};
  }
}

/// `packed`: the member "command", a list whose first entry is the name, or the name alone.
Result<NamedCommand, Refusal> read_name(std::string_view packed) {
  PackedReader reader(packed);
  const PackedValue command = reader.next();
  switch (command.kind) {
    case PackedKind::kText:
      return NamedCommand{.name = command.bytes, .arguments = {}};
    case PackedKind::kMap:
      return tl::make_unexpected(Refusal{"KeyError(0)"});
    case PackedKind::kBytes:
      if (command.bytes.empty()) return refused("IndexError", "index out of range");
      return no_name("int");
    case PackedKind::kList:
      break;
    default:
      if (python_type(command) == "ExtType") return no_name("int");
      return refused("TypeError", fmt::format("'{}' object is not subscriptable", python_type(command)));
  }
  if (command.count == 0) return refused("IndexError", "list index out of range");
  const PackedValue name = outline(reader.next_whole());
  if (name.kind != PackedKind::kText) return no_name(python_type(name));
  return NamedCommand{.name = name.bytes,
                      .arguments = {.count = command.count - 1, .values = reader.rest(), .keywords = {}}};
}

bool is_true(std::string_view packed) {
  const PackedValue value = outline(packed);
  return value.kind == PackedKind::kBoolean && value.truth;
}

Result<Call, Refusal> read_data(std::string_view data, const CommandRules& rules) {
  const PackedValue top = outline(data);
  if (top.kind != PackedKind::kMap) return tl::make_unexpected(no_map(top));
  constexpr std::array<std::string_view, 3> kNames{"command", "command_kwargs", "subscribed"};
  const auto [packed_command, keywords, subscribed] = members_of(data, kNames);
  if (packed_command.empty()) return tl::make_unexpected(runtime_error("No command given"));
  auto command = read_name(packed_command);
  if (!command) return tl::make_unexpected(std::move(command.error()));
  const PackedValue mapping = outline(keywords);
  const bool is_mapping = keywords.empty() || mapping.kind == PackedKind::kMap;
  if (is_mapping) command->arguments.keywords = keywords;
  auto call = read_call(command->name, command->arguments, rules);
  if (!is_mapping && (call || !call.error().reason.starts_with("RuntimeError"))) {
    return refused("TypeError", fmt::format("Service.{}() argument after ** must be a mapping, not {}", command->name,
                                            python_type(mapping)));
  }
  if (call) {
    if (auto* predict = std::get_if<PredictCall>(&*call)) predict->subscribed = is_true(subscribed);
  }
  return call;
}

/// Writes the members "command" and "command_kwargs" of a request.
struct CallPacker {
  MapPacker& data;

  void operator()(const EchoCall& call) const {
    PackedReader arguments(call.arguments);
    const PackedValue list = arguments.next();
    begin("echo", list.count).raw(arguments.rest());
    data["command_kwargs"].map(0);
  }

  void operator()(const PredictCall& call) const {
    Packer& command = begin("predict", 1);
    command.array(call.urls.size());
    for (const std::string& url : call.urls) command.text(url);
    MapPacker keywords;
    if (call.model) keywords["model"].text(*call.model);
    if (call.task) keywords["task"].text(*call.task == Task::kClassify ? "classify" : "detect");
    if (call.threshold) keywords["threshold"].real(static_cast<double>(*call.threshold));
    if (call.top) keywords["top"].integer(*call.top);
    data["command_kwargs"].raw(keywords.take());
    if (call.subscribed) data["subscribed"].boolean(true);
  }

  void operator()(const ResultsCall& call) const {
    begin("results", 1).text(call.batch);
    MapPacker keywords;
    keywords["after"].integer(call.after);
    keywords["limit"].integer(call.limit);
    data["command_kwargs"].raw(keywords.take());
  }

  void operator()(const ModelsCall&) const {
    begin("models", 0);
    data["command_kwargs"].map(0);
  }

  void operator()(const QuitCall& call) const {
    if (call.exit_code == 0) {
      begin("quit", 0);
    } else {
      begin("quit", 1).integer(call.exit_code);
    }
    data["command_kwargs"].map(0);
  }

 private:
  Packer& begin(std::string_view name, std::size_t arguments) const {
    Packer& command = data["command"];
    command.array(arguments + 1);
    command.text(name);
    return command;
  }
};

}  // namespace

CommandRequest read_request(const Frames& frames, const CommandRules& rules) {
  auto message = open_message(frames);
  if (!message) return {.id = std::nullopt, .what = Refusal{std::move(message.error())}};
  auto call = read_data(message->data, rules);
  if (!call) return {.id = message->id, .what = std::move(call.error())};
  return {.id = message->id, .what = std::move(*call)};
}

Frames write_request(const Call& call, const MessageId& id, CalendarTime time) {
  MapPacker data;
  data["systemtime"].text(rfc3339(time));
  std::visit(CallPacker{data}, call);
  return make_message("command", id, data.take());
}

Refusal runtime_error(std::string_view message) { return {python_exception("RuntimeError", message)}; }

}  // namespace curlew
