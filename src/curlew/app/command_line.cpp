#include "curlew/app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace curlew {
namespace {

constexpr int kMaxTop = 1000;
constexpr int kMaxWorkers = 1024;
constexpr int kMaxTimeoutS = 1'000'000;  // 11 days; beyond, a number is a mistake

// Levels as Python's logging numbers them.
constexpr std::int64_t kDebugLevel = 10;
constexpr std::int64_t kInfoLevel = 20;
constexpr std::int64_t kWarningLevel = 30;

constexpr const char* kClassifyExamples = R"(  curlew classify https://example.org/bird.jpg
  curlew classify photos/ *.jpg --top 1
  curlew classify -c urls.csv --format csv > birds.csv
  cat urls.txt | curlew classify - --format ndjson
  curlew classify http://192.168.1.20/cam.jpg --allow-net 192.168.1.20/32)";

constexpr const char* kDetectExamples = R"(  curlew detect https://example.org/street.jpg
  curlew detect photos/ --threshold 0.3 --annotate boxes/
  curlew detect -c urls.csv --format csv > objects.csv
  cat urls.txt | curlew detect - --model yolox-s --format ndjson
  curlew detect http://192.168.1.20/cam.jpg --allow-net 192.168.1.20/32)";

constexpr const char* kPicturesFooter = R"(Examples:
{}

A SOURCE is an http or https URL, a path, a folder, or - for a list on standard input.
Without any, five photographs of the internet are looked at.
Results go to stdout as they come; progress, logs and the summary go to stderr.

Exit status: 0 all well; 1 some pictures failed; 2 wrong usage or config; 3 the model is not
to be had, or results cannot be written; 130 interrupted (what was done is printed).)";

constexpr const char* kServiceFooter = R"(Examples:
  curlew service
  curlew service --defaultconfig > curlew.toml
  curlew service curlew.toml -v
  curl 'http://127.0.0.1:8000/v1/classify?url=https://example.org/bird.jpg'

-l takes a number as other services do (10 debug, 20 info, 30 warning, 40 error); -v and -vv win over it.
It ends at SIGTERM or SIGINT, after what is under way. Batches that are not done go on at the next start.
Exit status: 0 told to stop; 2 wrong usage or config; 3 the address is taken, or the store is in use.)";

constexpr const char* kWorkerFooter = R"(Examples:
  CURLEW_STORE_URL=redis://10.0.0.5:6379/0 curlew worker
  curlew worker curlew.toml --workers 4

Any number of workers, on any number of machines, share the work of the services that have the same store.url.
It ends at SIGTERM or SIGINT, after what is under way; what is not done by then goes back to the others.
Exit status: 0 told to stop; 2 wrong usage or config; 3 http.worker_listen is taken.)";

constexpr const char* kPredictFooter = R"(Examples:
  curlew predict -u "https://example.org/street.jpg, https://example.org/yard.jpg"
  curlew predict curlew.toml -c urls.csv --format csv > objects.csv
  curlew predict curlew.toml -c urls.csv --task classify --top 1 --timeout 600

It asks at the first of zmq.rep_sockets, and listens at the first of zmq.pub_sockets. URLs of -u come before those of -c.
Results go to stdout as they come; what the publisher dropped is asked for again. Without --timeout it waits for all of
them, but gives up after 60 s without a sign of the service.

Exit status: 0 all well; 1 some pictures failed, or have no result in time; 2 wrong usage or config; 3 no service
answers, it refuses, or results cannot be written; 130 interrupted (what was done is printed).)";

constexpr const char* kHealthcheckFooter = R"(Examples:
  curlew healthcheck
  curlew healthcheck --worker
  curlew healthcheck http://10.0.0.7:8000

Without a URL it asks this machine's own service, at http.listen of the config or CURLEW_HTTP_LISTEN; with --worker
at http.worker_listen. A URL without a path is asked for /readyz. This machine's own certificate is not checked.

Exit status: 0 it is ready; 1 it is not, and a line says why; 2 wrong usage or config.)";

constexpr const char* kMainFooter = R"(Environment:
  CURLEW_MODELS            folders (a:b) searched for models' files before any download
  CURLEW_CACHE             where downloads and compiled networks are kept (~/.cache/curlew)
  CURLEW_<SECTION>_<KEY>   any key of the config, e.g. CURLEW_FETCH_ALLOW_NET=10.0.0.0/8

`curlew SUBCOMMAND --help` tells more.)";

/// What the options of all subcommands are read into.
struct Parsed {
  bool version_asked = false;
  PicturesCommand classify;
  PicturesCommand detect;
  ServiceCommand service;
  WorkerCommand worker;
  PredictCommand predict;
  ModelsCommand models;
  HealthcheckCommand healthcheck;
  bool version_of_command_asked = false;
  std::string log_level;  ///< a whole number
  std::vector<std::string> allow_net;
  std::string show_completion;
  std::string install_completion;
  int workers = -1;
  std::optional<bool> spawn;
};

void add_common(CLI::App& app, CommonOptions& common, std::vector<std::string>& allow_net) {
  app.add_flag("-v,--verbose", common.verbosity, "Log what happens to stderr; -vv logs more");
  app.add_option("--config", common.config_file, "A TOML file with settings")->type_name("FILE");
  app.add_option("--allow-net", allow_net, "Let this private network in, e.g. 10.0.0.0/8; may be repeated")
      ->type_name("CIDR")
      ->allow_extra_args(false);  // one a flag, so that sources may follow
}

void add_csv(CLI::App& sub, std::optional<std::string>& csv_file) {
  sub.add_option("-c,--csv", csv_file, "A CSV file; its column `url`, else its first one, is read")
      ->type_name("FILE.csv");
}

void add_format(CLI::App& sub, OutputFormat& format) {
  static const std::map<std::string, OutputFormat> kFormats = {{"text", OutputFormat::kText},
                                                               {"json", OutputFormat::kJson},
                                                               {"ndjson", OutputFormat::kNdjson},
                                                               {"csv", OutputFormat::kCsv}};
  sub.add_option("--format", format, "How results are written: text, json, ndjson or csv")
      ->type_name("text|json|ndjson|csv")
      ->transform(CLI::Transformer(kFormats, CLI::ignore_case).description(""))
      ->check([](const std::string& text) {
        const bool known = std::any_of(kFormats.begin(), kFormats.end(), [&](const auto& known_format) {
          return text == std::to_string(static_cast<int>(known_format.second));
        });
        return known ? std::string() : fmt::format("{} is not one of text, json, ndjson, csv", text);
      });
}

/// Not by CLI::Range, which lets "nan" pass.
std::string check_score(const std::string& text) {
  float score = -1;
  const bool fits = CLI::detail::lexical_cast(text, score) && score >= 0 && score <= 1;
  return fits ? std::string() : fmt::format("{} is not a number from 0 to 1", text);
}

std::string check_timeout(const std::string& text) {
  double seconds = -1;
  const bool fits = CLI::detail::lexical_cast(text, seconds) && seconds > 0 && seconds <= kMaxTimeoutS;
  return fits ? std::string() : fmt::format("{} is not a number of seconds, above 0 and up to {}", text, kMaxTimeoutS);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string check_whole_number(const std::string& text) {
  return whole_number(text) ? std::string() : fmt::format("{} is not a whole number", text);
}

/// A number between two of the levels logs as the coarser one.
std::string name_of_level(std::int64_t number) {
  if (number <= kDebugLevel) return "debug";
  if (number <= kInfoLevel) return "info";
  return number <= kWarningLevel ? "warning" : "error";
}

void add_version(CLI::App& sub, Parsed& parsed) {
  sub.add_flag("--version", parsed.version_of_command_asked, "Print the version and exit");
}

/// What `classify` and `detect` share.
void add_pictures(CLI::App& sub, PicturesCommand& command, Parsed& parsed) {
  sub.add_option("SOURCE", command.sources, "URLs, paths, folders, or - for a list on standard input");
  add_csv(sub, command.csv_file);
  sub.add_option("--model", command.model, "A model by name (see `curlew models list`) or file")
      ->type_name("NAME|FILE");
  sub.add_option("--workers", parsed.workers,
                 "How many pictures are looked at at once (default: half of the cores, at least 2 "
                 "where there are 2)")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxWorkers));
  sub.add_flag(
      "--spawn,!--no-spawn", [&parsed](std::int64_t count) { parsed.spawn = count > 0; },
      "Decode pictures and run the model in child processes that can open nothing and are replaced when they die, so "
      "that a crash costs the picture in hand only (default: --no-spawn)");
  add_format(sub, command.format);
  add_common(sub, command.common, parsed.allow_net);
}

CLI::App* add_classify(CLI::App& app, Parsed& parsed) {
  auto* sub = app.add_subcommand("classify", "Name the bird in each picture");
  sub->footer(fmt::format(kPicturesFooter, kClassifyExamples));
  sub->add_option("--top", parsed.classify.top, "How many labels a picture gets at most")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxTop))
      ->capture_default_str();
  add_pictures(*sub, parsed.classify, parsed);
  return sub;
}

CLI::App* add_detect(CLI::App& app, Parsed& parsed) {
  auto& command = parsed.detect;
  command.task = Task::kDetect;
  auto* sub = app.add_subcommand("detect", "Find the objects in each picture");
  sub->footer(fmt::format(kPicturesFooter, kDetectExamples));
  sub->add_option("--threshold", command.threshold, "The lowest score of an object, 0 to 1 (default: the model's, 0.5)")
      ->type_name("S")
      ->check(check_score);
  sub->add_option("--annotate", command.annotate,
                  "Write each picture with its boxes, labels and scores drawn into this folder, as JPEG or PNG")
      ->type_name("DIR");
  add_pictures(*sub, command, parsed);
  return sub;
}

/// Of processes that work until they are told to stop.
void add_service_workers(CLI::App& sub, Parsed& parsed) {
  sub.add_option("--workers", parsed.workers, "How many pictures are looked at at once (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxWorkers));
  sub.add_option("--allow-net", parsed.allow_net, "Let this private network in, e.g. 10.0.0.0/8; may be repeated")
      ->type_name("CIDR")
      ->allow_extra_args(false);
}

CLI::App* add_service(CLI::App& app, Parsed& parsed) {
  auto& command = parsed.service;
  auto* sub = app.add_subcommand("service", "Answer over HTTP and ZeroMQ until told to stop");
  sub->footer(kServiceFooter);
  sub->add_option("CONFIG.toml", command.common.config_file, "A TOML file with settings; see --defaultconfig");
  sub->add_flag("-v,--verbose", command.common.verbosity, "Log what happens to stderr; -vv logs more");
  add_service_workers(*sub, parsed);
  sub->add_option("-l,--loglevel", parsed.log_level,
                  "The least that is logged, as a number: 10 debug, 20 info, 30 warning, 40 error (default: the "
                  "config's, 30)")
      ->type_name("N")
      ->check(check_whole_number);
  sub->add_flag("--defaultconfig", command.show_defaults, "Print a config with all defaults and exit");
  add_version(*sub, parsed);
  return sub;
}

CLI::App* add_worker(CLI::App& app, Parsed& parsed) {
  auto& command = parsed.worker;
  auto* sub = app.add_subcommand("worker", "Work on what services keep in Redis until told to stop");
  sub->footer(kWorkerFooter);
  sub->add_option("CONFIG.toml", command.common.config_file,
                  "The TOML file of the services, or one with the same store");
  sub->add_flag("-v,--verbose", command.common.verbosity, "Log what happens to stderr; -vv logs more");
  add_service_workers(*sub, parsed);
  return sub;
}

CLI::App* add_predict(CLI::App& app, Parsed& parsed) {
  static const std::map<std::string, Task> kTasks = {{"classify", Task::kClassify}, {"detect", Task::kDetect}};
  auto& command = parsed.predict;
  auto* sub = app.add_subcommand("predict", "Ask a running service over ZeroMQ");
  sub->footer(kPredictFooter);
  sub->add_option("CONFIG.toml", command.common.config_file, "The service's TOML file, which says where it listens");
  sub->add_option("-u,--urls", command.urls, "URLs, separated by commas")->type_name("URLS");
  add_csv(*sub, command.csv_file);
  sub->add_option("--timeout", command.timeout_s, "Seconds from the start after which results that have not come fail")
      ->type_name("S")
      ->check(check_timeout);
  add_format(*sub, command.format);
  sub->add_option("--task", "What is done with the pictures: classify or detect (default: the service's)")
      ->type_name("classify|detect")
      ->check([](const std::string& text) {
        return kTasks.contains(text) ? std::string() : fmt::format("{} is not one of classify, detect", text);
      })
      ->each([&command](const std::string& text) { command.task = kTasks.at(text); });
  sub->add_option("--model", command.model, "A model of the service, by name (default: the service's)")
      ->type_name("NAME");
  sub->add_option("--top", command.top, "classify: how many labels a picture gets at most (default: the service's, 3)")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxTop));
  sub->add_option("--threshold", command.threshold,
                  "detect: the lowest score of an object, 0 to 1 (default: the model's, 0.5)")
      ->type_name("S")
      ->check(check_score);
  sub->add_flag("-v,--verbose", command.common.verbosity, "Log what happens to stderr; -vv logs more");
  add_version(*sub, parsed);
  return sub;
}

CLI::App* add_models(CLI::App& app, Parsed& parsed) {
  auto& command = parsed.models;
  auto* sub = app.add_subcommand("models", "List, download and check the models");
  sub->require_subcommand(1);
  auto* list = sub->add_subcommand("list", "The models that Curlew knows, and where they are");
  list->callback([&command] { command.action = ModelsCommand::Action::kList; });
  auto* pull = sub->add_subcommand("pull", "Download a model into the cache");
  pull->add_option("NAME", command.name, "The model's name")->required();
  pull->callback([&command] { command.action = ModelsCommand::Action::kPull; });
  auto* verify = sub->add_subcommand(
      "verify", "Compare the files of a model, or of all, with their SHA-256, and ask it its golden inputs");
  verify->add_option("NAME", command.name, "The model's name");
  verify->callback([&command] { command.action = ModelsCommand::Action::kVerify; });
  for (auto* leaf : {list, pull, verify}) add_common(*leaf, command.common, parsed.allow_net);
  return sub;
}

CLI::App* add_healthcheck(CLI::App& app, Parsed& parsed) {
  auto& command = parsed.healthcheck;
  auto* sub = app.add_subcommand("healthcheck", "Ask a running service whether it is ready");
  sub->footer(kHealthcheckFooter);
  auto* url = sub->add_option("URL", command.url, "What to ask, where it is not this machine's own service");
  sub->add_flag("--worker", command.worker, "Ask this machine's own worker")->excludes(url);
  sub->add_option("--config", command.common.config_file, "The service's TOML file")->type_name("FILE");
  return sub;
}

/// What the tree is asked for after it was parsed.
struct Tree {
  const CLI::App* classify;
  const CLI::App* detect;
  const CLI::App* service;
  const CLI::App* worker;
  const CLI::App* predict;
  const CLI::App* models;
  const CLI::App* healthcheck;
  const CLI::Option* show_completion;
  const CLI::Option* install_completion;
};

Tree build(CLI::App& app, Parsed& parsed) {
  app.name("curlew");
  app.description(
      "Curlew turns a list of image URLs into labels: it fetches the pictures and names the bird, or finds the "
      "objects, "
      "in each.");
  app.footer(kMainFooter);
  app.set_help_all_flag("--help-all", "The help of all subcommands");
  app.require_subcommand(0, 1);
  app.add_flag("--version", parsed.version_asked, "Print the version and exit");
  const auto add_shell = [&app](const std::string& flag, std::string& shell, const std::string& help) {
    return app.add_option(flag, shell, help + "; without a name, for the shell you run")
        ->type_name(std::string(kShellNames))
        ->expected(0, 1);
  };
  const auto* show = add_shell("--show-completion", parsed.show_completion, "Print the completions of a shell");
  const auto* install =
      add_shell("--install-completion", parsed.install_completion, "Install the completions of a shell");
  return {.classify = add_classify(app, parsed),
          .detect = add_detect(app, parsed),
          .service = add_service(app, parsed),
          .worker = add_worker(app, parsed),
          .predict = add_predict(app, parsed),
          .models = add_models(app, parsed),
          .healthcheck = add_healthcheck(app, parsed),
          .show_completion = show,
          .install_completion = install};
}

ShowText usage(const CLI::App& app, const std::string& message) {
  const auto chosen = app.get_subcommands();
  const std::string hint =
      chosen.empty() ? "curlew --help" : fmt::format("curlew {} --help", chosen.front()->get_name());
  return ShowText{.text = fmt::format("curlew: {}\nSee `{}`.\n", message, hint), .status = ExitStatus::kUsage};
}

void put_overrides(const Parsed& parsed, CommonOptions& common) {
  if (!parsed.allow_net.empty()) {
    common.overrides.push_back({.key = "fetch.allow_net", .flag = "--allow-net", .values = parsed.allow_net});
  }
  if (parsed.spawn) {
    common.overrides.push_back({.key = "decode.isolate",
                                .flag = *parsed.spawn ? "--spawn" : "--no-spawn",
                                .values = {*parsed.spawn ? "true" : "false"}});
  }
  if (parsed.workers > 0) {
    common.overrides.push_back(
        {.key = "infer.workers", .flag = "--workers", .values = {std::to_string(parsed.workers)}});
  }
  if (const auto level = whole_number(parsed.log_level)) {
    common.overrides.push_back({.key = "log.level", .flag = "--loglevel", .values = {name_of_level(*level)}});
  }
}

Command shell_completion(const CLI::App& app, const CLI::Option& option, ShellCompletionCommand::Action action) {
  ShellCompletionCommand command{.action = action, .shell = std::nullopt};
  const auto& results = option.results();
  if (results.empty() || results.back().empty()) return command;
  command.shell = shell_of(results.back());
  if (command.shell) return command;
  return usage(app, fmt::format("{}: {} is not one of {}", option.get_name(), results.back(), kShellNames));
}

/// Read before CLI11, which would understand some of the words itself. After --next the word at the cursor is an empty
/// one, which some shells cannot hand over.
std::optional<CompleteCommand> asked_to_complete(std::span<const std::string> arguments) {
  if (arguments.size() < 2 || arguments[0] != "complete") return std::nullopt;
  if (arguments[1] != "--" && arguments[1] != "--next") return std::nullopt;
  CompleteCommand command{.words = {arguments.begin() + 2, arguments.end()}};
  if (arguments[1] == "--next") command.words.emplace_back();
  return command;
}

}  // namespace

CommandShape command_shape() {
  CLI::App app;
  Parsed parsed;
  build(app, parsed);
  return shape_of(app);
}

Command parse_command_line(std::span<const std::string> arguments) {
  if (const auto asked = asked_to_complete(arguments)) return *asked;
  CLI::App app;
  Parsed parsed;
  const auto [classify, detect, service, worker, predict, models, healthcheck, show_completion, install_completion] =
      build(app, parsed);

  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return ShowText{.text = app.help()};
  } catch (const CLI::CallForAllHelp&) {
    return ShowText{.text = app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::ParseError& e) {
    return usage(app, e.what());
  }
  if (parsed.version_asked) return ShowText{.text = fmt::format("curlew {}\n", version())};
  // As click, which the service and the client of old were made with, says it.
  if (parsed.version_of_command_asked) return ShowText{.text = fmt::format("curlew, version {}\n", version())};
  using Action = ShellCompletionCommand::Action;
  if (show_completion->count() > 0) return shell_completion(app, *show_completion, Action::kShow);
  if (install_completion->count() > 0) return shell_completion(app, *install_completion, Action::kInstall);
  for (const auto& [sub, chosen] : {std::pair(classify, &parsed.classify), {detect, &parsed.detect}}) {
    if (!sub->parsed()) continue;
    put_overrides(parsed, chosen->common);
    chosen->spawn = parsed.spawn.value_or(false);
    chosen->common.presets = {{.key = "decode.isolate", .flag = sub->get_name(), .values = {"false"}}};
    return *chosen;
  }
  if (service->parsed()) {
    put_overrides(parsed, parsed.service.common);
    return parsed.service;
  }
  if (worker->parsed()) {
    put_overrides(parsed, parsed.worker.common);
    return parsed.worker;
  }
  if (predict->parsed()) return parsed.predict;
  if (models->parsed()) {
    put_overrides(parsed, parsed.models.common);
    return parsed.models;
  }
  if (healthcheck->parsed()) return parsed.healthcheck;
  return ShowText{.text = app.help(), .status = ExitStatus::kUsage};
}

}  // namespace curlew
