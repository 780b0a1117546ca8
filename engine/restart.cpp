#include "engine/restart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include "partition/bitmap.hpp"
#include "partition/io/line_reader.hpp"
#include "partition/io/text/bad_line.hpp"
#include "partition/io/text/line.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

struct NamedWeight {
  ExternalId id = 0;
  double weight = 1;
  std::uint64_t line = 0;
};

constexpr std::size_t kRound = std::size_t{1} << 18;  // lines that travel at once

/// The lines that travel at once. Where ids are strings, they are here, each behind its length.
struct Round {
  std::vector<NamedWeight> lines;
  std::vector<std::uint64_t> lengths;
  std::vector<char> bytes;
};

/// Steps over the id; false when there is none.
bool read_vertex(const char*& at, const char* end, bool names, NamedWeight& named, std::string_view& name) {
  if (!names) return text::read_id(at, end, named.id);
  const char* const begin = at;
  at = std::find_if(at, end, text::is_separator);
  name = {begin, static_cast<std::size_t>(at - begin)};
  if (name.size() > 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return !name.empty();
}

/// False when the line is not `id [weight]`.
bool parse(std::string_view line, bool names, NamedWeight& named, std::string_view& name) {
  const auto blanks_end = [&](const char* from) {
    return std::find_if_not(from, line.data() + line.size(), text::is_blank);
  };
  const char* at = blanks_end(line.data());
  const char* const end = line.data() + line.size();
  if (!read_vertex(at, end, names, named, name)) return false;
  if (blanks_end(at) == end) return true;
  return text::read_separator(at, end) && text::read_weight(at, end, named.weight) && blanks_end(at) == end;
}

/// Appends the next lines of the file, kRound at most.
void read_round(LineReader& reader, bool names, Round& round) {
  for (std::string_view line; round.lines.size() < kRound && reader.next(line);) {
    if (text::is_skipped(line)) continue;
    NamedWeight named{.line = reader.line_number()};
    std::string_view name;
    if (!parse(line, names, named, name))
      reader.fail(fmt::format("expected a vertex id and perhaps a weight, found {}", text::shown(line)));
    if (named.weight < 0) reader.fail(fmt::format("the weight {} is less than 0", named.weight));
    round.lines.push_back(named);
    if (!names) continue;
    round.lengths.push_back(name.size());
    round.bytes.insert(round.bytes.end(), name.begin(), name.end());
  }
}

/// Rank 0's round on all ranks; strings are looked up. Returns them for messages. Collective.
NameList share(const DistributedGraph& graph, Round& round) {
  Communicator& comm = graph.communicator();
  comm.broadcast(round.lines, 0);
  if (!graph.ids().are_names()) return {};
  comm.broadcast(round.lengths, 0);
  comm.broadcast(round.bytes, 0);
  NameList names(round.lengths, BigArray<char>(std::span<const char>(round.bytes)));
  const std::vector<GlobalId> vertices = graph.ids().find_all(comm, names);
  for (std::size_t i = 0; i < vertices.size(); ++i) round.lines[i].id = vertices[i];
  return names;
}

/// The masters by external id.
class MasterIndex {
 public:
  explicit MasterIndex(const DistributedGraph& graph) : ids_(graph.external_ids()) {
    if (std::ranges::is_sorted(ids_)) return;
    order_ = BigArray<LocalId>(ids_.size());
    std::iota(order_.begin(), order_.end(), LocalId{0});
    parallel::sort(order_.span(), [this](LocalId a, LocalId b) { return ids_[a] < ids_[b]; });
  }
  std::optional<LocalId> find(ExternalId id) const {
    if (order_.empty()) {
      const auto at = std::ranges::lower_bound(ids_, id);
      return at != ids_.end() && *at == id ? std::optional(static_cast<LocalId>(at - ids_.begin())) : std::nullopt;
    }
    const auto at = std::ranges::lower_bound(order_.span(), id, {}, [this](LocalId v) { return ids_[v]; });
    return at != order_.span().end() && ids_[*at] == id ? std::optional(*at) : std::nullopt;
  }

 private:
  std::span<const ExternalId> ids_;
  BigArray<LocalId> order_;  // empty where ids ascend as they are
};

enum class Fate : std::uint8_t { unknown, taken, repeated };

}  // namespace

RestartVector read_restart(const DistributedGraph& graph, const std::string& path) {
  Communicator& comm = graph.communicator();
  const MasterIndex masters(graph);
  Bitmap seen(graph.masters());
  RestartVector result{BigArray<double>(graph.masters()), 0};
  double sum = 0;  // in the order of the file
  std::optional<LineReader> reader;
  for (;;) {
    Round next;
    comm.agree([&] {
      if (comm.rank() != 0) return;
      if (!reader) reader.emplace(path, "a list of vertex ids");
      read_round(*reader, graph.ids().are_names(), next);
    });
    const NameList names = share(graph, next);
    const std::vector<NamedWeight>& round = next.lines;
    if (round.empty()) break;
    const auto text_of = [&](std::size_t i) {
      return names.size() == 0 ? fmt::format("{}", round[i].id) : std::string(names[i]);
    };
    std::vector<Fate> fates(round.size());
    for (std::size_t i = 0; i < round.size(); ++i) {
      const std::optional<LocalId> v = masters.find(round[i].id);
      if (!v) continue;
      fates[i] = seen.contains(*v) ? Fate::repeated : Fate::taken;
      seen.insert(*v);
      result.shares[*v] = round[i].weight;
    }
    comm.all_reduce_in_place(std::span(fates), [](Fate a, Fate b) { return std::max(a, b); });
    for (std::size_t i = 0; i < round.size(); ++i) {
      if (fates[i] == Fate::unknown)
        throw_agreed(InputError(fmt::format("{}:{}: the graph has no vertex {}", path, round[i].line, text_of(i))));
      if (fates[i] == Fate::repeated)
        throw_agreed(InputError(fmt::format("{}:{}: vertex {} is named again", path, round[i].line, text_of(i))));
      sum += round[i].weight;
    }
    result.named += round.size();
  }
  if (result.named == 0) throw_agreed(InputError(fmt::format("{}: names no vertex", path)));
  if (sum <= 0) throw_agreed(InputError(fmt::format("{}: all weights are 0", path)));
  if (!std::isfinite(sum)) throw_agreed(InputError(fmt::format("{}: the weights add up to more than 1e308", path)));
  for (double& share : result.shares) share /= sum;
  return result;
}

RestartVector restart_at(const DistributedGraph& graph, std::span<const GlobalId> vertices) {
  std::vector<GlobalId> wanted(vertices.begin(), vertices.end());
  std::ranges::sort(wanted);
  RestartVector result{BigArray<double>(graph.masters()), wanted.size()};
  for (LocalId v = 0; v < graph.masters(); ++v)
    if (std::ranges::binary_search(wanted, graph.global_id(v)))
      result.shares[v] = 1 / static_cast<double>(wanted.size());
  return result;
}

}  // namespace gasket
