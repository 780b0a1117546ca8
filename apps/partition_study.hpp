#pragma once
// What `gasket partition` finds out, and the forms in which it tells it.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "partition/place/quality.hpp"

namespace gasket {

/// One strategy at one number of parts.
struct StudyRow {
  std::string strategy;
  std::string chosen{};  // the strategy that an automatic one took; else empty
  PartId parts = 1;
  PlacementStudy study;
  double seconds = 0;
  double edges_per_second = 0;
  double random_copies = 0;  // by theory, for random; 0 for others
};

struct StudiedGraph {
  std::string name;
  GlobalId vertices = 0;
  EdgeCount edges = 0;
  bool directed = true;
  int ranks = 1;
  int threads = 1;
  Traffic traffic;
  std::vector<double> weights{};  // dealt to the parts in turn; none when all are alike
};

nlohmann::ordered_json to_json(const StudyRow& row);
std::string to_csv(const std::vector<StudyRow>& rows);
/// What the columns of the table are.
inline constexpr std::string_view kLegend =
    "\ncopies: per vertex; w/edges: per vertex that has edges; edges, verts, masters: of the fullest part,\n"
    "1 is its share; cut: edges whose ends have different masters; B/step: sent per superstep;\n"
    "peers: parts that a part talks to, on average; memory: bytes of the largest part\n";
/// The table for a terminal of 100 columns, a block per number of parts.
std::string to_table(const std::vector<StudyRow>& rows);
/// Which strategy to take at the largest number of parts, and why; of several sentences.
std::string recommend(const StudiedGraph& graph, const std::vector<StudyRow>& rows);
/// One self-contained page.
std::string to_html(const StudiedGraph& graph, const std::vector<StudyRow>& rows);

}  // namespace gasket
