use super::*;
use boostgpt_sso::diagnose::Doctor;
#[test]
fn zz_field() {
    let all: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string("/work/shared/cases/field.json").unwrap()).unwrap();
    for case in all["cases"].as_array().unwrap() {
        let input = &case["input"];
        let (Some(token), Some(secret)) = (input["token"].as_str(), input["secret"].as_str()) else {
            continue;
        };
        let started = std::time::Instant::now();
        let report =
            Doctor::new().with_secret(parsed(secret)).examine_at(token, at(input["now"].as_i64().unwrap()));
        println!(
            "{} {} -> {:?}   [{}] {:?}",
            case["id"],
            input["what"],
            codes(&report),
            case["expected"],
            started.elapsed()
        );
        for f in report.findings() {
            println!("      {}", f.seen());
        }
    }
}
