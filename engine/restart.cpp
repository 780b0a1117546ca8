#include "engine/restart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/bitmap.hpp"
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

/// False when the line is not `id [weight]`.
bool parse(std::string_view line, NamedWeight& named) {
  const auto blanks_end = [&](const char* from) {
    return std::find_if_not(from, line.data() + line.size(), text::is_blank);
  };
  const char* at = blanks_end(line.data());
  const char* const end = line.data() + line.size();
  if (!text::read_id(at, end, named.id)) return false;
  if (blanks_end(at) == end) return true;
  return text::read_separator(at, end) && text::read_weight(at, end, named.weight) && blanks_end(at) == end;
}

/// Appends the next lines of the file, kRound at most.
void read_round(LineReader& reader, std::vector<NamedWeight>& round) {
  for (std::string_view line; round.size() < kRound && reader.next(line);) {
    if (text::is_skipped(line)) continue;
    NamedWeight named{.line = reader.line_number()};
    if (!parse(line, named))
      reader.fail(fmt::format("expected a vertex id and perhaps a weight, found {}", text::quoted(line)));
    if (named.weight < 0) reader.fail(fmt::format("the weight {} is less than 0", named.weight));
    round.push_back(named);
  }
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
    std::vector<NamedWeight> round;
    comm.agree([&] {
      if (comm.rank() != 0) return;
      if (!reader) reader.emplace(path, "a list of vertex ids");
      read_round(*reader, round);
    });
    comm.broadcast(round, 0);
    if (round.empty()) break;
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
        throw_agreed(InputError(fmt::format("{}:{}: the graph has no vertex {}", path, round[i].line, round[i].id)));
      if (fates[i] == Fate::repeated)
        throw_agreed(InputError(fmt::format("{}:{}: vertex {} is named again", path, round[i].line, round[i].id)));
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
