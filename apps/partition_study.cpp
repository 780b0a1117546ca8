#include "apps/partition_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "apps/partition_page.hpp"
#include "apps/summary.hpp"

namespace gasket {
namespace {

constexpr std::string_view kColumns[] = {
    "replication_factor",  "edge_copies",    "random_theory",   "edge_balance",
    "vertex_balance",      "master_balance", "cut_edges",       "ghosts",
    "bytes_per_superstep", "reduce_bytes",   "broadcast_bytes", "partners",
    "most_partners",       "memory_bytes",   "seconds",         "edges_per_second"};

std::string short_count(double value) {
  constexpr std::string_view units[] = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(units); ++unit) value /= 1000;
  return fmt::format("{:.{}f}{}", value, unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2, units[unit]);
}

// What to ask for to get the same again.
const std::string& name_of(const StudyRow& row) { return row.chosen.empty() ? row.strategy : row.chosen; }

// As many digits as fit.
std::string fitting(double value, int width) {
  const int before = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : width;
  return fmt::format("{:.{}f}", value, std::max(0, width - 1 - before));
}

// Seconds of a superstep, by what a core and a network of today do: 1.5 ns per arc of the largest part, 1 GB/s for what
// a part sends. Rough, and the same for all strategies: it ranks them, and says when a slow placement has paid.
double superstep_seconds(const StudyRow& row, const StudiedGraph& graph) {
  const double arcs = static_cast<double>(graph.edges) * (graph.directed ? 1 : 2);
  return 1.5e-9 * row.study.edge_balance * arcs / row.parts +
         1e-9 * static_cast<double>(row.study.bytes_per_superstep) / row.parts * row.study.vertex_balance;
}

void replace(std::string& text, std::string_view mark, const std::string& by) {
  const std::size_t at = text.find(mark);
  text.replace(at, mark.size(), by);
}

}  // namespace

nlohmann::ordered_json to_json(const StudyRow& row) {
  const PlacementStudy& s = row.study;
  nlohmann::ordered_json json = {{"strategy", row.strategy},
                                 {"parts", row.parts},
                                 {"replication_factor", s.replication_factor},
                                 {"edge_copies", s.edge_copies},
                                 {"random_theory", nullptr},
                                 {"edge_balance", s.edge_balance},
                                 {"vertex_balance", s.vertex_balance},
                                 {"master_balance", s.master_balance},
                                 {"cut_edges", s.cut_edges},
                                 {"ghosts", s.ghosts},
                                 {"bytes_per_superstep", s.bytes_per_superstep},
                                 {"reduce_bytes", s.reduce_bytes},
                                 {"broadcast_bytes", s.broadcast_bytes},
                                 {"partners", s.partners},
                                 {"most_partners", s.most_partners},
                                 {"memory_bytes", s.memory_bytes},
                                 {"seconds", row.seconds},
                                 {"edges_per_second", row.edges_per_second}};
  if (row.random_copies > 0) json["random_theory"] = row.random_copies;
  if (!row.chosen.empty()) json["chosen"] = row.chosen;
  return json;
}

std::string to_csv(const std::vector<StudyRow>& rows) {
  std::string text = "strategy,parts";
  for (const std::string_view column : kColumns) text += fmt::format(",{}", column);
  text += ",chosen\n";
  for (const StudyRow& row : rows) {
    const nlohmann::ordered_json json = to_json(row);
    text += fmt::format("{},{}", row.strategy, row.parts);
    for (const std::string_view column : kColumns) {
      const nlohmann::ordered_json& value = json[std::string(column)];
      text += fmt::format(",{}", value.is_null() ? "" : value.dump());
    }
    text += fmt::format(",{}\n", row.chosen);
  }
  return text;
}

std::string to_table(const std::vector<StudyRow>& rows) {
  std::string text;
  PartId parts = 0;
  for (const StudyRow& row : rows) {
    const PlacementStudy& s = row.study;
    if (parts != row.parts)
      text += fmt::format("{}{:<13} {:>6} {:>7} {:>5} {:>5} {:>7} {:>5} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7}\n",
                          parts == 0 ? "" : "\n", counted(row.parts, "part"), "copies", "w/edges", "edges", "verts",
                          "masters", "cut", "ghosts", "B/step", "peers", "memory", "seconds", "edges/s");
    parts = row.parts;
    text += fmt::format("{:<13} {:>6} {:>7} {:>5} {:>5} {:>7} {:>5} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7}\n",
                        row.strategy.substr(0, 13), fitting(s.replication_factor, 6), fitting(s.edge_copies, 6),
                        fitting(s.edge_balance, 5), fitting(s.vertex_balance, 5), fitting(s.master_balance, 5),
                        short_count(static_cast<double>(s.cut_edges)), short_count(static_cast<double>(s.ghosts)),
                        short_count(static_cast<double>(s.bytes_per_superstep)), fitting(s.partners, 5),
                        short_count(static_cast<double>(s.memory_bytes)), fitting(row.seconds, 5),
                        short_count(row.edges_per_second));
    if (!row.chosen.empty()) text += fmt::format("  took {}\n", row.chosen);
    if (row.random_copies > 0)
      text += fmt::format("  in theory {:>17}   random is {:+.2f} % off\n", fitting(row.random_copies, 6),
                          100 * (s.edge_copies / row.random_copies - 1));
  }
  return text;
}

std::string recommend(const StudiedGraph& graph, const std::vector<StudyRow>& rows) {
  if (rows.empty()) return "";
  PartId parts = 0;
  for (const StudyRow& row : rows) parts = std::max(parts, row.parts);
  std::vector<const StudyRow*> at;
  for (const StudyRow& row : rows)
    if (row.parts == parts) at.push_back(&row);
  const auto total = [&](const StudyRow* row, double supersteps) {
    return row->seconds * graph.ranks / parts + supersteps * superstep_seconds(*row, graph);
  };
  const StudyRow* const best = *std::ranges::min_element(at, {}, [&](auto* row) { return total(row, 1e9); });
  const StudyRow* const soon = *std::ranges::min_element(at, {}, [&](auto* row) { return total(row, 20); });
  const auto facts = [&](const StudyRow* row) {
    return fmt::format("{:.3f} copies per vertex, edge balance {:.3f}, {}B per superstep, placed in {:.2f} s",
                       row->study.replication_factor, row->study.edge_balance,
                       short_count(static_cast<double>(row->study.bytes_per_superstep)), row->seconds);
  };
  std::string text = fmt::format("For {} choose {}, because its supersteps are the shortest ({}).",
                                 counted(parts, "part"), name_of(*best), facts(best));
  if (soon == best) return text + " It is also the choice for a single run of 20 supersteps.";
  const double gain = superstep_seconds(*soon, graph) - superstep_seconds(*best, graph);
  const double lost = (best->seconds - soon->seconds) * graph.ranks / parts;
  return text + fmt::format(" For a single short run choose {} ({}): {} is ahead after about {:.0f} supersteps.",
                            name_of(*soon), facts(soon), name_of(*best), std::max(1.0, std::ceil(lost / gain)));
}

std::string to_html(const StudiedGraph& graph, const std::vector<StudyRow>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const StudyRow& row : rows) list.push_back(to_json(row));
  const nlohmann::json facts = {{"name", graph.name},
                                {"vertices", graph.vertices},
                                {"edges", graph.edges},
                                {"directed", graph.directed},
                                {"ranks", graph.ranks},
                                {"threads", graph.threads},
                                {"version", GASKET_VERSION},
                                {"accumulator", graph.traffic.accumulator},
                                {"ghost", graph.traffic.ghost},
                                {"weights", graph.weights},
                                {"recommendation", recommend(graph, rows)}};
  // Inside a script only "</" could end it early.
  const auto safe = [](const std::string& json) {
    std::string text;
    for (const char c : json) {
      if (c == '/' && text.ends_with('<')) text += '\\';
      text += c;
    }
    return text;
  };
  std::string page(kPartitionPage);
  replace(page, "@GRAPH@", safe(facts.dump()));
  replace(page, "@ROWS@", safe(list.dump()));
  return page;
}

}  // namespace gasket
