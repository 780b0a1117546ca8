#include "apps/engine_options.hpp"

#include <fmt/format.h>

namespace gasket {
namespace {

const std::vector<std::string> kEngines = {"sync", "async", "locking", "chromatic"};
const std::vector<std::string> kLevels = {"vertex", "edge", "full"};
const std::vector<std::string> kSchedulers = {"fifo", "priority", "sweep"};

template <class Enum>
Enum one_of(const CommandLine& line, const std::string& name, const std::vector<std::string>& names) {
  return static_cast<Enum>(std::ranges::find(names, line.choice(name, names)) - names.begin());
}

const std::string& name_of(EngineKind kind) { return kEngines[static_cast<std::size_t>(kind)]; }

// What each engine can be told, and in words where else an option belongs.
void refuse_senseless(const CommandLine& line, const EngineOptions& engine) {
  const auto refuse = [&](const char* option, std::string_view why) {
    if (line.has(option))
      throw UsageError(fmt::format("--{} {}: not possible with --engine {}: {}", option, line.get<std::string>(option),
                                   name_of(engine.kind), why));
  };
  if (engine.kind == EngineKind::sync) {
    constexpr std::string_view kWhy =
        "supersteps read what the last one wrote; other engines are async, locking, chromatic";
    for (const char* option : {"consistency", "scheduler", "pipeline"}) refuse(option, kWhy);
  }
  if (engine.kind == EngineKind::async && engine.consistency != Consistency::vertex)
    refuse("consistency", "it has vertex consistency only; edge and full need --engine locking or chromatic");
  if (engine.kind == EngineKind::chromatic) {
    if (engine.consistency == Consistency::vertex)
      refuse("consistency", "colours keep neighbours apart: edge or full; for vertex take --engine async");
    refuse("scheduler", "it sweeps over the colours");
  }
  if (engine.kind != EngineKind::locking) refuse("pipeline", "only the locking engine asks other ranks for locks");
}

}  // namespace

void add_engine_options(CommandLine& line, EngineKind usual) {
  const std::string others = usual == EngineKind::chromatic
                                 ? ""  // for programs that need more than vertex consistency
                                 : "sync: supersteps; some options of this command are for it alone\n"
                                   "async: no barrier, vertices run as they are scheduled, under vertex consistency\n";
  line.add("engine")("engine",
                     others +
                         "locking: no barrier, serialisable by locks on the neighbourhood\n"
                         "chromatic: colour by colour, as one serial sweep would, on any ranks and threads",
                     cxxopts::value<std::string>()->default_value(name_of(usual)),
                     "NAME")("consistency",
                             "what a vertex may rely on while it runs. vertex: itself; edge: neighbours do not change; "
                             "full: it may write them (default: edge; async: vertex)",
                             cxxopts::value<std::string>(), "LEVEL")(
      "scheduler",
      "async and locking: which vertex is next: fifo, priority (as the program gives it), sweep (round and round) "
      "(default: fifo)",
      cxxopts::value<std::string>(),
      "NAME")("pipeline", "locking: scopes of a rank that wait for locks at a time (default: 1000)",
              cxxopts::value<std::string>(), "N")("watchdog",
                                                  "say who waits for whom and end with exit code 5 when nothing has "
                                                  "moved for S seconds, or a rank has said nothing for twice that "
                                                  "(default: 60); sync and chromatic: when a rank has waited for "
                                                  "others that long (default: 0). 0: never",
                                                  cxxopts::value<std::string>(), "S");
}

EngineOptions read_engine_options(const CommandLine& line) {
  EngineOptions engine;
  engine.kind = one_of<EngineKind>(line, "engine", kEngines);
  const bool locks = engine.kind == EngineKind::locking || engine.kind == EngineKind::chromatic;
  engine.consistency = locks ? Consistency::edge : Consistency::vertex;
  if (line.has("consistency")) engine.consistency = one_of<Consistency>(line, "consistency", kLevels);
  if (line.has("scheduler")) engine.scheduler = one_of<SchedulerKind>(line, "scheduler", kSchedulers);
  if (line.has("pipeline")) engine.pipeline = line.number("pipeline", 1, 10'000'000);
  engine.watchdog_seconds = line.has("watchdog") ? line.real("watchdog", 0, 1e6) : engine.in_step() ? 0 : 60;
  constexpr double kShortest = 0.1;  // below, a rank that only has to wait for its core would be taken for dead
  if (engine.watchdog_seconds > 0 && engine.watchdog_seconds < kShortest)
    throw UsageError(
        fmt::format("--watchdog {}: must be 0, or seconds from {} on", engine.watchdog_seconds, kShortest));
  refuse_senseless(line, engine);
  return engine;
}

std::string describe(const EngineOptions& engine) {
  std::string text = fmt::format("{} engine", name_of(engine.kind));
  if (engine.synchronous()) return text;
  text += fmt::format(", {} consistency", gasket::name_of(engine.consistency));
  if (engine.kind != EngineKind::chromatic)
    text += fmt::format(", {}", kSchedulers[static_cast<std::size_t>(engine.scheduler)]);
  if (engine.kind == EngineKind::locking) text += fmt::format(", pipeline of {}", engine.pipeline);
  return text;
}

nlohmann::json to_json(const EngineOptions& engine) {
  nlohmann::json json = {{"name", name_of(engine.kind)}, {"watchdog_seconds", engine.watchdog_seconds}};
  if (engine.synchronous()) return json;
  json["consistency"] = gasket::name_of(engine.consistency);
  if (!engine.in_step()) json["scheduler"] = kSchedulers[static_cast<std::size_t>(engine.scheduler)];
  if (engine.kind == EngineKind::locking) json["pipeline"] = engine.pipeline;
  return json;
}

}  // namespace gasket
